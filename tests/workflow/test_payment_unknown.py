"""A gateway that is slow, down or late: no customer pays twice or for nothing."""

from datetime import timedelta
from typing import Any

import pytest

from pocketcloud import AwsCall, Crash
from tests.workflow.call_faults import READS, CrashAfter, Proceed, SilentGateway, call_fault
from tests.workflow.invariants import SHIPPED, violations
from tests.workflow.shop import PREFIX, Shop, an_order

FULL = {"TEAPOT": 5, "CUP": 20}


def payment(shop: Shop) -> str:
    """Return the row of the only payment."""
    (row,) = shop.rows("attempts")
    return row["status"]


def an_unknown_payment(shop: Shop, gateway: SilentGateway) -> str:
    with call_fault(shop.cloud, gateway):
        order_id = shop.place(an_order())
        shop.cloud.settle()
    assert payment(shop) == "unknown"
    return order_id


def cancel(shop: Shop, order_id: str) -> None:
    assert shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="ada").status == 200


@pytest.mark.parametrize("mode", ["arrives", "lost", "late"])
def test_order_is_shipped_when_charge_response_was_lost(shop: Shop, mode: Any) -> None:
    gateway = SilentGateway(mode)
    order_id = an_unknown_payment(shop, gateway)
    assert not {"PaymentProcessed", "PaymentDeclined"} & set(shop.facts(order_id))
    shop.cloud.advance(minutes=2)
    gateway.arrive()
    shop.cloud.advance(minutes=2)
    assert shop.facts(order_id) == SHIPPED
    assert shop.charges() == {f"charge {order_id}": 1}
    assert violations(shop) == []


def test_order_is_cancelled_when_decline_response_was_lost(shop: Shop) -> None:
    with call_fault(shop.cloud, SilentGateway("arrives")):
        order_id = shop.place(an_order(payment_method="pm_card_chargeDeclined"))
        shop.cloud.settle()
    shop.cloud.advance(minutes=2)
    shop.cloud.settle()
    assert set(shop.facts(order_id)) >= {"PaymentDeclined", "OrderCancelled", "InventoryReleased"}
    assert violations(shop) == []


def test_unknown_payment_dead_letters_and_retries_no_message(shop: Shop) -> None:
    an_unknown_payment(shop, SilentGateway("lost"))
    assert shop.dead_letters("payments") == []
    received = [each for each in shop.cloud.deliveries if each.function == f"{PREFIX}-payments"]
    assert [(each.receive_count, each.handled) for each in received] == [(1, True)]


@pytest.mark.parametrize(
    ("mode", "moved"),
    [("arrives", ("charge", "refund")), ("lost", ()), ("late", ("charge", "refund"))],
)
def test_payment_is_refunded_when_unknown_at_the_deadline(
    shop: Shop, mode: Any, moved: tuple[str, ...]
) -> None:
    gateway = SilentGateway(mode)
    with call_fault(shop.cloud, gateway):
        order_id = shop.place(an_order())
        shop.cloud.advance(minutes=16, seconds=5)
        assert "OrderCancelled" in shop.facts(order_id)
        assert payment(shop) == "unknown"
        gateway.arrive()
    shop.cloud.advance(minutes=30)
    assert shop.charges() == {f"{kind} {order_id}": 1 for kind in moved}
    assert ("PaymentRefunded" in shop.facts(order_id)) == bool(moved)
    assert ("PaymentDeclined" in shop.facts(order_id)) != bool(moved)
    assert shop.available() == FULL
    assert violations(shop) == []


@pytest.mark.parametrize("mode", ["arrives", "late"])
def test_refund_happens_once_when_its_response_was_lost(shop: Shop, mode: Any) -> None:
    gateway = SilentGateway(mode)
    with call_fault(shop.cloud, without_shipping):
        order_id = shop.place(an_order())
        while "OrderConfirmed" not in shop.facts(order_id):
            shop.cloud.advance(milliseconds=100)
        with call_fault(shop.cloud, gateway):
            cancel(shop, order_id)
            shop.cloud.advance(seconds=30)
    assert payment(shop) == "captured"
    gateway.arrive()
    shop.cloud.advance(minutes=10)
    assert shop.charges() == {f"charge {order_id}": 1, f"refund {order_id}": 1}
    assert set(shop.facts(order_id)) >= {"PaymentRefunded", "InventoryReleased"}


def without_shipping(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Shipping's database does not respond."""
    if call.function == f"{PREFIX}-shipping":
        raise ConnectionError("shipping's database does not respond")
    return proceed()


def test_reconciliation_completes_payments_when_every_capture_crashes(shop: Shop) -> None:
    def die(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        try:
            return proceed()
        finally:
            if call.parameters.get("TableName") == f"{PREFIX}-gateway":
                raise Crash

    shop.cloud.retry_after = timedelta(minutes=9)
    with call_fault(shop.cloud, die):
        order_id = shop.place(an_order())
        shop.cloud.advance(minutes=16, seconds=5)
        assert "OrderCancelled" in shop.facts(order_id)
        assert "PaymentProcessed" not in shop.facts(order_id)
        assert payment(shop) == "started"
    shop.cloud.advance(minutes=30)
    assert shop.charges() == {f"charge {order_id}": 1, f"refund {order_id}": 1}
    assert {"PaymentProcessed", "PaymentRefunded"} <= set(shop.facts(order_id))
    assert violations(shop) == []


@pytest.mark.parametrize("mode", ["arrives", "lost"])
@pytest.mark.parametrize("cancelled", [True, False], ids=["cancelled", "kept"])
def test_unknown_payment_is_consistent_when_any_call_crashes(
    shop: Shop, mode: Any, *, cancelled: bool
) -> None:
    def walk(nth: int) -> tuple[CrashAfter, str]:
        shop.cloud.reset()
        shop.open()
        shop.cloud.retry_after = timedelta(seconds=40)
        crash = CrashAfter(nth, service="payments")
        with call_fault(shop.cloud, crash), call_fault(shop.cloud, SilentGateway(mode, times=1)):
            order_id = shop.place(an_order())
            shop.cloud.advance(seconds=20)
            if cancelled:
                cancel(shop, order_id)
            shop.cloud.advance(minutes=7 if cancelled else 4)
        shop.cloud.advance(minutes=8)
        return crash, order_id

    made = walk(0)[0].made
    assert "payments-reconciliation dynamodb.TransactWriteItems" in made
    failures = {}
    for nth in [nth for nth, call in enumerate(made, 1) if not READS.match(call.rpartition(".")[2])]:
        crash, order_id = walk(nth)
        wrong = violations(shop)
        charges = shop.charges()
        if not cancelled and charges != {f"charge {order_id}": 1}:
            wrong.append(f"the gateway has {charges}")
        if wrong:
            failures[f"{nth}: {crash.where}"] = wrong
    assert failures == {}
