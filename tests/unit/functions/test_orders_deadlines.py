"""An order that is open for too long is cancelled, by a look at nothing but what is overdue."""

from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.orders import OrderCancelled
from functions.orders import deadlines, store
from functions.orders.deadlines import OverdueError, handle
from functions.orders.handler import handle as react
from functions.orders.intake import take_in
from functions.shared.runtime.clients import dynamodb
from functions.shipping.handler import handle as ship
from tests.now import frozen
from tests.unit.functions.account import facts, names_of_facts, rows
from tests.unit.functions.builders import (
    ALL_WELL,
    CAUSE,
    ORDER,
    OTHER_ORDER,
    TEN_O_CLOCK,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    a_shipment_scheduled,
    an_order_confirmed,
    an_order_created,
)
from tests.unit.functions.output import Output
from tests.unit.functions.trouble import failing, meanwhile

pytestmark = pytest.mark.usefixtures("aws")


def given_an_order(**changes: Any) -> None:
    with frozen():
        assert take_in(an_order_created(**changes), cause=CAUSE).is_new


def look(minutes: float, context: Context | None = None) -> None:
    """What the clock starts, so long after ten o'clock."""
    when = TEN_O_CLOCK + timedelta(minutes=minutes)
    with frozen(when):
        handle({"time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}, context or Context())


def deliver(*bodies: str) -> None:
    assert react(a_batch(*bodies), Context()) == ALL_WELL


def statuses() -> dict[str, str]:
    return {row["order_id"]: row["status"] for row in rows("ORDERS_TABLE")}


def test_an_order_is_cancelled_when_its_time_is_up_and_not_before(output: Output) -> None:
    given_an_order()
    look(14.9)
    assert statuses() == {ORDER: "created"}
    assert output.metrics() == {"TimedOut": 0, "Overdue": 0}
    look(15)
    assert statuses() == {ORDER: "cancelled"}
    (cancelled,) = facts()[1:]
    assert isinstance(cancelled, OrderCancelled)
    assert cancelled.reason == "timed_out"


def test_a_second_look_finds_nothing(output: Output) -> None:
    given_an_order()
    look(20)
    look(21)
    assert names_of_facts() == ["OrderCreated", "OrderCancelled"]
    assert output.metrics() == {"TimedOut": 1, "Overdue": 0, "OrderEnded": 1}
    assert output.counted_by("OrderEnded", "ending") == {"timed_out": 1}


def test_an_order_that_should_have_been_ended_minutes_ago_is_overdue(output: Output) -> None:
    given_an_order()
    look(20)
    assert output.metrics()["Overdue"] == 0
    given_an_order(order_id=OTHER_ORDER)
    look(20.1)
    assert output.metrics()["Overdue"] == 1


def test_an_order_that_is_paid_but_not_shipped_is_cancelled_too() -> None:
    given_an_order()
    deliver(a_delivery(a_payment_processed()))
    look(15)
    assert set(names_of_facts()) == {"OrderCreated", "OrderConfirmed", "OrderCancelled"}
    assert statuses() == {ORDER: "cancelled"}


def test_a_shipped_order_has_no_deadline() -> None:
    given_an_order()
    deliver(a_delivery(a_payment_processed()), a_delivery(a_shipment_scheduled()))
    look(60)
    assert statuses() == {ORDER: "shipped"}


def test_a_shipment_not_heard_of_yet_is_noted_instead() -> None:
    given_an_order()
    deliver(a_delivery(a_payment_processed()))
    ship(a_batch(a_delivery(an_order_confirmed())), Context())
    look(60)
    assert statuses() == {ORDER: "shipped"}
    assert "OrderCancelled" not in names_of_facts()
    assert not list(store.due(TEN_O_CLOCK + timedelta(days=1)))


def test_an_order_confirmed_meanwhile_is_looked_at_again_a_minute_later(output: Output) -> None:
    given_an_order()
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: deliver(a_delivery(a_payment_processed()))):
        look(15)
    assert statuses() == {ORDER: "confirmed"}
    assert output.metrics()["Overtaken"] == 1
    look(16)
    assert statuses() == {ORDER: "cancelled"}


def test_one_order_that_cannot_be_ended_keeps_no_other_open() -> None:
    given_an_order()
    given_an_order(order_id=OTHER_ORDER)
    with failing(dynamodb(), "TransactWriteItems", "ThrottlingException"), pytest.raises(OverdueError):
        look(15)
    assert sorted(statuses().values()) == ["created", "created"]
    look(16)
    assert sorted(statuses().values()) == ["cancelled", "cancelled"]


def test_what_there_is_no_time_for_waits_for_the_next_minute(
    output: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "RESERVE_MS", Context.get_remaining_time_in_millis() + 1)
    given_an_order()
    look(15)
    assert statuses() == {ORDER: "created"}
    assert output.metrics() == {"Deferred": 1, "TimedOut": 0, "Overdue": 0}


def test_how_many_are_overdue_is_said_before_any_is_ended_and_the_function_may_be_cut_off(
    output: Output,
) -> None:
    given_an_order()
    given_an_order(order_id=OTHER_ORDER)
    said: list[dict[str, float]] = []
    with meanwhile(dynamodb(), "TransactWriteItems", lambda: said.append(output.metrics())):
        look(20.1)
    assert said == [{"Overdue": 2}]
