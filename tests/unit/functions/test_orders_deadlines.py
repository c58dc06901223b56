"""The deadline of orders: open orders are cancelled when their time is up."""

from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.orders import OrderCancelled
from functions.orders import deadlines, waiting
from functions.orders.deadlines import OverdueError, handle
from functions.orders.handler import handle as react
from functions.orders.placement import create
from functions.shared.runtime.clients import dynamodb
from functions.shipping.handler import handle as ship
from tests.now import NOW, frozen
from tests.unit.functions.account import facts, names_of_facts, order_statuses
from tests.unit.functions.aws_faults import failing, meanwhile, recorded_calls
from tests.unit.functions.builders import (
    CAUSE,
    NO_FAILURES,
    ORDER,
    OTHER_ORDER,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")


def create_order(**changes: Any) -> None:
    with frozen():
        assert create(an_order_created(**changes), cause=CAUSE).is_new


def run(minutes: float, context: Context | None = None) -> None:
    """Run the scheduled function this many minutes after the order."""
    when = NOW + timedelta(minutes=minutes)
    with frozen(when):
        handle({"time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}, context or Context())


def deliver(*bodies: str) -> None:
    assert react(a_batch(*bodies), Context()) == NO_FAILURES


def statuses() -> dict[str, str]:
    return {order_id: str(status) for order_id, status in order_statuses().items()}


def waiting_orders() -> list[str]:
    return [order.order_id for order in waiting.due(NOW + timedelta(days=1))]


def test_order_is_cancelled_when_deadline_has_passed(output: Output) -> None:
    create_order()
    run(14.9)
    assert statuses() == {ORDER: "created"}
    assert output.metrics() == {"TimedOut": 0, "Overdue": 0}
    run(15)
    assert statuses() == {ORDER: "cancelled"}
    (cancelled,) = facts()[1:]
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.reason == "timed_out"


def test_second_run_finds_nothing(output: Output) -> None:
    create_order()
    run(20)
    run(21)
    assert names_of_facts() == ["OrderCreated", "OrderCancelled"]
    assert output.metrics() == {"TimedOut": 1, "Overdue": 0, "OrderEnded": 1}
    assert output.counted_by("OrderEnded", "outcome") == {"timed_out": 1}


def test_order_is_overdue_when_grace_period_has_passed(output: Output) -> None:
    create_order()
    run(20)
    assert output.metrics()["Overdue"] == 0
    create_order(order_id=OTHER_ORDER)
    run(20.1)
    assert output.metrics()["Overdue"] == 1


def test_paid_order_is_cancelled_when_not_shipped() -> None:
    create_order()
    deliver(a_delivery(a_payment_processed()))
    run(15)
    assert set(names_of_facts()) == {"OrderCreated", "OrderConfirmed", "OrderCancelled"}
    assert statuses() == {ORDER: "cancelled"}


def test_shipped_order_stops_waiting_and_stays_shipped(output: Output) -> None:
    create_order()
    deliver(a_delivery(a_payment_processed()))
    ship(a_batch(a_delivery(an_order_confirmed())), Context())
    output.forget()
    run(60)
    assert statuses() == {ORDER: "shipped"}
    assert waiting_orders() == []
    assert output.metrics() == {"TimedOut": 0, "Overdue": 0}


def test_order_stops_waiting_a_run_after_its_cancellation() -> None:
    create_order()
    run(15)
    assert waiting_orders() == [ORDER]
    run(16)
    assert waiting_orders() == []


def test_order_is_not_cancelled_when_shipped_meanwhile() -> None:
    create_order()
    deliver(a_delivery(a_payment_processed()))

    def schedule() -> None:
        ship(a_batch(a_delivery(an_order_confirmed())), Context())

    with meanwhile(dynamodb(), "GetItem", schedule):
        run(15)
    assert statuses() == {ORDER: "shipped"}


def test_order_is_cancelled_when_confirmed_meanwhile() -> None:
    create_order()
    with meanwhile(dynamodb(), "GetItem", lambda: deliver(a_delivery(a_payment_processed()))):
        run(15)
    assert set(names_of_facts()) == {"OrderCreated", "OrderConfirmed", "OrderCancelled"}


def test_order_is_claimed_by_one_of_two_runs() -> None:
    create_order()
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: run(20.1)):
        run(20)
    assert names_of_facts() == ["OrderCreated", "OrderCancelled"]
    assert waiting_orders() == [ORDER]


def test_rows_are_removed_in_batches_of_25() -> None:
    for number in range(30):
        create_order(order_id=f"{number:08x}-5f43-5a0c-9a38-3d6f0a9d2c11")
    run(15)
    with recorded_calls(dynamodb()) as calls:
        run(16)
    assert calls.count("BatchWriteItem") == 2
    assert waiting_orders() == []


def test_all_orders_are_attempted_when_one_fails() -> None:
    create_order()
    create_order(order_id=OTHER_ORDER)
    with failing(dynamodb(), "PutItem", "ThrottlingException"), pytest.raises(OverdueError):
        run(15)
    assert sorted(statuses().values()) == ["created", "created"]
    run(16)
    assert sorted(statuses().values()) == ["cancelled", "cancelled"]


def test_orders_are_deferred_when_time_runs_out(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "RESERVE_MS", Context.get_remaining_time_in_millis() + 1)
    create_order()
    run(15)
    assert statuses() == {ORDER: "created"}
    assert output.metrics() == {"Deferred": 1, "TimedOut": 0, "Overdue": 0}


def test_overdue_metric_is_flushed_before_any_cancellation(
    output: Output,
) -> None:
    create_order()
    create_order(order_id=OTHER_ORDER)
    flushed: list[dict[str, float]] = []
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: flushed.append(output.metrics())):
        run(20.1)
    assert flushed == [{"Overdue": 2}]
