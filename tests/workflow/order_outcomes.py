"""Every outcome of an order, run once and written to a page: `python -m tests.workflow.order_outcomes`."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from functions.fraud.rules import RULES
from pocketcloud import AwsCall, OfflineCloud
from tests.workflow.call_faults import Proceed, SilentGateway, call_fault
from tests.workflow.shop import ADDRESS, PREFIX, STOCK, Shop, an_order

PAGE = Path(__file__).parents[2] / "docs" / "order-outcomes.md"
HEAD = """# Order outcomes

Each row is one order on the offline cloud, with the real template. A test runs them again and
compares; `python -m tests.workflow.order_outcomes` writes this page. The order has three items
worth 37.99 GBP. *Money* is what the gateway keeps, *stock* the number of items that left the stock.
Independent events may come in another order.

| outcome | status | events | money | stock | emails | AWS requests |
|---|---|---|---|---|---|---|
"""
FOOT = """
AWS requests are the functions' own calls (DynamoDB, EventBridge, SQS, SES), without the queries
that schedules make every minute. [Cost](cost.md) says what an order costs.
"""
STORY = (
    "OrderCreated",
    "FraudSuspected",
    "InventoryReserved",
    "InventoryRejected",
    "PaymentProcessed",
    "PaymentDeclined",
    "OrderConfirmed",
    "ShipmentScheduled",
    "OrderCancelled",
    "InventoryReleased",
    "PaymentRefunded",
)
"""Facts in the order of the page; independent facts may come in either order."""
SWEEP = "dynamodb.Query"
"""The call that schedules make every minute, with or without orders."""
RISKY = {**ADDRESS, "country": min(RULES.risky_countries)}


@dataclass(frozen=True)
class OrderOutcome:
    """The outcome of one order."""

    name: str
    status: str
    facts: tuple[str, ...]
    money: int
    stock: int
    emails: int
    requests: int

    def row(self) -> str:
        """Return the outcome as a row of the page's table."""
        facts = ", ".join(self.facts)
        money = f"{self.money / 100:.2f} GBP"
        cells = (self.name, self.status, facts, money, self.stock, self.emails, self.requests)
        return f"| {' | '.join(map(str, cells))} |"


def shipped(shop: Shop) -> str:
    order = shop.place(an_order())
    shop.cloud.settle()
    return order


def free(shop: Shop) -> str:
    """Nothing is charged for what costs nothing."""
    shop.cloud.client("dynamodb").update_item(
        TableName=f"{PREFIX}-catalogue",
        Key={"sku": {"S": "CUP"}},
        UpdateExpression="SET unit_price = :nothing",
        ExpressionAttributeValues={":nothing": {"N": "0"}},
    )
    order = shop.place(an_order(lines=[{"sku": "CUP", "quantity": 3}]))
    shop.cloud.settle()
    return order


def out_of_stock(shop: Shop) -> str:
    order = shop.place(an_order(lines=[{"sku": "TEAPOT", "quantity": 99}]))
    shop.cloud.settle()
    return order


def declined(shop: Shop) -> str:
    order = shop.place(an_order(payment_method="pm_card_chargeDeclined"))
    shop.cloud.settle()
    return order


def cancelled_at_once(shop: Shop) -> str:
    order = shop.place(an_order())
    shop.cloud.advance(milliseconds=1)
    cancel(shop, order, status=200)
    return order


def cancelled_after_the_capture(shop: Shop) -> str:
    order = shop.place(an_order())
    advance_to(shop, order, "OrderConfirmed")
    cancel(shop, order, status=200)
    return order


def cancelled_too_late(shop: Shop) -> str:
    order = shipped(shop)
    cancel(shop, order, status=409)
    return order


def captured_after_the_cancellation(shop: Shop) -> str:
    """The charge is under way while the customer cancels: what it takes is given back."""
    order = shop.place(an_order())
    done: list[bool] = []

    def meanwhile(call: AwsCall, proceed: Proceed) -> dict[str, object]:
        response = proceed()
        if not done and "charge:" in str(call.parameters) and call.operation == "PutItem":
            done.append(True)
            cancel(shop, order, status=200, settle=False)
        return response

    with call_fault(shop.cloud, meanwhile):
        shop.cloud.settle()
    assert done
    return order


def timed_out(shop: Shop) -> str:
    """Payments' queue takes nothing until the deadline is over."""
    shop.cloud.outages.add(f"queue/{PREFIX}-payments")
    order = shop.place(an_order())
    shop.cloud.advance(minutes=17)
    shop.cloud.outages.clear()
    shop.cloud.settle()
    return order


def timed_out_after_the_capture(shop: Shop) -> str:
    """Shipping's queue takes nothing until the deadline is over."""
    shop.cloud.outages.add(f"queue/{PREFIX}-shipping")
    order = shop.place(an_order())
    shop.cloud.advance(minutes=17)
    shop.cloud.outages.clear()
    shop.cloud.settle()
    return order


def paid_unknown(shop: Shop) -> str:
    """The gateway captures and its response is lost; reconciliation finds the charge."""
    with call_fault(shop.cloud, SilentGateway("arrives")):
        order = shop.place(an_order())
        shop.cloud.settle()
    shop.cloud.advance(minutes=2)
    shop.cloud.settle()
    return order


def timed_out_unknown(shop: Shop) -> str:
    """Lose the response; reconciliation finds the charge after the deadline."""
    with call_fault(shop.cloud, SilentGateway("arrives")):
        order = shop.place(an_order())
        shop.cloud.advance(minutes=17)
    shop.cloud.advance(minutes=30)
    return order


def suspected(shop: Shop) -> str:
    order = shop.place(an_order(ship_to=RISKY))
    shop.cloud.settle()
    return order


def cancel(shop: Shop, order: str, *, status: int, settle: bool = True) -> None:
    reply = shop.cloud.http("POST", f"/orders/{order}/cancellation", customer="ada")
    assert reply.status == status, reply.body
    if settle:
        shop.cloud.settle()


def advance_to(shop: Shop, order: str, fact: str) -> None:
    for _ in range(200):
        if fact in shop.facts(order):
            return
        shop.cloud.advance(milliseconds=50)
    raise AssertionError(f"no {fact}: {shop.facts(order)}")


OUTCOMES: dict[str, Callable[[Shop], str]] = {
    "shipped": shipped,
    "shipped, free of charge": free,
    "out of stock": out_of_stock,
    "card declined": declined,
    "cancelled at once": cancelled_at_once,
    "cancelled while the charge is under way": captured_after_the_cancellation,
    "cancelled after the capture": cancelled_after_the_capture,
    "cancellation rejected: already shipped": cancelled_too_late,
    "timed out before the payment": timed_out,
    "timed out after the capture": timed_out_after_the_capture,
    "shipped, its payment unknown at first": paid_unknown,
    "timed out, its payment unknown": timed_out_unknown,
    "fraud suspected": suspected,
}


def driven(shop: Shop, name: str) -> OrderOutcome:
    """Drive an order to that outcome in a new shop."""
    order = OUTCOMES[name](shop)
    view = shop.cloud.http("GET", f"/orders/{order}", customer="ada").json()
    reason = view.get("cancellation_reason")
    return OrderOutcome(
        name=name,
        status=f"{view['status']} ({reason})" if reason else str(view["status"]),
        facts=tuple(fact for fact in STORY if fact in shop.facts(order)),
        money=kept(shop),
        stock=sum(STOCK.values()) - sum(shop.available().values()),
        emails=len(shop.email_subjects()),
        requests=sum(count for name, count in shop.cloud.calls.counts.items() if name != SWEEP),
    )


def kept(shop: Shop) -> int:
    """Return the captured amount that was not refunded, from the gateway's own table."""
    total = 0
    for row in shop.rows("gateway"):
        outcome = json.loads(row["outcome"])
        if row["idempotency_key"].startswith("refund:"):
            total -= outcome["amount"]["amount"]
        elif outcome["captured"]:
            total += outcome["amount"]["amount"]
    return total


def page(outcomes: list[OrderOutcome]) -> str:
    """The whole page."""
    return HEAD + "".join(f"{outcome.row()}\n" for outcome in outcomes) + FOOT


def opened(cloud: OfflineCloud) -> Shop:
    """Yield the cloud, restored for each outcome."""
    cloud.reset()
    shop = Shop(cloud)
    shop.open()
    return shop


if __name__ == "__main__":
    with OfflineCloud.start() as cloud:
        PAGE.write_text(page([driven(opened(cloud), name) for name in OUTCOMES]))
