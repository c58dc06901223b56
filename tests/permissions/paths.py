"""Every path of an order on one cloud, so each function makes every call it needs."""

from collections.abc import Callable
from typing import Any, Literal

from functions.fraud.rules import RULES
from functions.orders.placements import USUAL_ROOM
from pocketcloud import AwsCall, Crash
from tests.workflow.call_faults import SilentGateway, appended_events, call_fault, published_twice
from tests.workflow.shop import ADDRESS, PREFIX, Shop, a_checkout, an_order, checkout_entry

GATEWAYS: tuple[Literal["arrives", "lost", "late"], ...] = ("arrives", "lost", "late")
DECLINED = "pm_card_chargeDeclined"


def walk(shop: Shop) -> None:
    """All of them, one after another."""
    shop.open({"TEAPOT": 40, "CUP": 80})
    for path in PATHS:
        path(shop)
        shop.cloud.settle()


def _shipped(shop: Shop) -> None:
    order_id = shop.place(an_order(), key="shipped")
    shop.cloud.settle()
    assert shop.cloud.http("GET", f"/orders/{order_id}", customer="ada").status == 200
    assert shop.cloud.http("GET", "/orders", customer="ada").status == 200


def _asked_twice(shop: Shop) -> None:
    assert shop.post(an_order(), key="shipped").status == 202


def _from_a_partner(shop: Shop) -> None:
    for _ in range(2):
        shop.cloud.put_events([checkout_entry(a_checkout(key="partner", customer="bob"))])
        shop.cloud.settle()


def _declined(shop: Shop) -> None:
    shop.place(an_order(payment_method=DECLINED), key="declined", customer="cyd")


def _out_of_stock(shop: Shop) -> None:
    shop.place(an_order(lines=[{"sku": "TEAPOT", "quantity": 50}]), key="too-many", customer="dan")


def _suspicious(shop: Shop) -> None:
    risky = {**ADDRESS, "country": min(RULES.risky_countries)}
    shop.place(an_order(ship_to=risky), key="risky", customer="eve")


def _suspicious_and_paid(shop: Shop) -> None:
    """Deliver the suspicion after confirmation and before shipment."""
    risky = {**ADDRESS, "country": min(RULES.risky_countries)}
    late = {f"queue/{PREFIX}-fraud", f"queue/{PREFIX}-shipping"}
    shop.cloud.outages.update(late)
    order_id = shop.place(an_order(ship_to=risky), key="risky-and-paid", customer="eva")
    _advance_to(shop, order_id, "OrderConfirmed")
    shop.cloud.outages.remove(f"queue/{PREFIX}-fraud")
    _advance_to(shop, order_id, "OrderCancelled")
    shop.cloud.outages.difference_update(late)


def _everything_twice(shop: Shop) -> None:
    risky = {**ADDRESS, "country": min(RULES.risky_countries)}
    with call_fault(shop.cloud, published_twice):
        shop.place(an_order(), key="twice", customer="jan")
        shop.place(an_order(ship_to=risky), key="twice-and-risky", customer="kim")
        shop.place(an_order(payment_method=DECLINED), key="twice-and-declined", customer="lea")
        shop.cloud.settle()


def _called_back(shop: Shop) -> None:
    order_id = shop.place(an_order(), key="called-back", customer="fay")
    with call_fault(shop.cloud, _down("shipping")):
        _advance_to(shop, order_id, "OrderConfirmed")
        reply = shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="fay")
        assert reply.status == 200, reply.body


def _called_back_too_late(shop: Shop) -> None:
    order_id = shop.place(an_order(), key="too-late", customer="gus")
    shop.cloud.settle()
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="gus").status == 409


def _overdue(shop: Shop) -> None:
    """Once before it is paid for, once after."""
    for missing in ("inventory", "shipping"):
        shop.cloud.outages.add(f"queue/{PREFIX}-{missing}")
        shop.place(an_order(), key=f"overdue-{missing}", customer="hal")
        shop.cloud.advance(minutes=17)
        shop.cloud.outages.clear()


def _silent_gateway(shop: Shop) -> None:
    """The gateway times out; reconciliation refunds the order cancelled meanwhile."""
    for number, mode in enumerate(GATEWAYS):
        gateway = SilentGateway(mode)
        with call_fault(shop.cloud, gateway):
            shop.place(an_order(), key=f"silent-{number}", customer="mia")
            shop.cloud.settle()
        shop.cloud.advance(minutes=2)
        gateway.arrive()
        shop.cloud.advance(minutes=2)
    gateway = SilentGateway("arrives")
    with call_fault(shop.cloud, gateway):
        shop.place(an_order(), key="silent-to-the-deadline", customer="ned")
        shop.cloud.advance(minutes=16, seconds=5)
    shop.cloud.advance(minutes=30)


def _ordered_often(shop: Shop) -> None:
    """The customer's row of placements is full of orders that ended long ago."""
    earlier = [f"1#00000000-0000-4000-8000-{number:012}" for number in range(USUAL_ROOM)]
    shop.cloud.client("dynamodb").put_item(
        TableName=f"{PREFIX}-placements",
        Item={"customer_minute": {"S": "pam"}, "orders": {"SS": earlier}},
    )
    shop.place(an_order(), key="once-more", customer="pam")


def _running_low(shop: Shop) -> None:
    """Publish low stock, and retry after the publishing function crashes."""
    shop.cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-stock",
        Key={"sku": {"S": "CUP"}},
        UpdateExpression="SET reorder_level = available - :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    crashed: list[str] = []

    def crash_once(call: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        response = proceed()
        if call.function == f"{PREFIX}-inventory-levels" and not crashed:
            crashed.append(call.operation)
            raise Crash
        return response

    with call_fault(shop.cloud, crash_once):
        shop.place(an_order(), key="low", customer="ona")
        shop.cloud.settle()


def _poisoned(shop: Shop) -> None:
    """Send each consumer a message that it dead-letters as unreadable."""
    sqs = shop.cloud.client("sqs")
    for queue in [url for url in sqs.list_queues()["QueueUrls"] if not url.endswith("-dlq")]:
        sqs.send_message(QueueUrl=queue, MessageBody="no event at all")


def _failing_for_a_while(shop: Shop) -> None:
    """Each function's reaction fails once, so that its idempotency record is taken back."""
    failed: set[str] = set()

    def once(call: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        starts = bool(appended_events(call)) or call.operation in {"TransactWriteItems", "SendEmail"}
        if starts and call.function not in failed:
            failed.add(call.function)
            raise ConnectionError("just once")
        return proceed()

    with call_fault(shop.cloud, once):
        shop.post(an_order(), key="failing", customer="ida")
        shop.post(an_order(), key="failing", customer="ida")
        shop.cloud.settle()


def _advance_to(shop: Shop, order_id: str, fact: str) -> None:
    for _ in range(600):
        if fact in shop.facts(order_id):
            return
        shop.cloud.advance(milliseconds=100)
    raise AssertionError(shop.facts(order_id))


def _down(service: str) -> Callable[[AwsCall, Callable[[], dict[str, Any]]], dict[str, Any]]:
    def middleware(call: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if call.function == f"{PREFIX}-{service}":
            raise ConnectionError(f"{service}'s database does not respond")
        return proceed()

    return middleware


PATHS: tuple[Callable[[Shop], None], ...] = (
    _shipped,
    _asked_twice,
    _from_a_partner,
    _declined,
    _out_of_stock,
    _suspicious,
    _suspicious_and_paid,
    _called_back,
    _called_back_too_late,
    _overdue,
    _everything_twice,
    _failing_for_a_while,
    _silent_gateway,
    _ordered_often,
    _running_low,
    _poisoned,
)
