"""What became of the orders is folded from the log's facts, and what does not add up is said."""

from typing import Any

from cli.demo.outcomes import outcome_of


def facts(order: str, *names: str, reason: str = "out_of_stock") -> list[dict[str, Any]]:
    return [
        {
            "subject": order,
            "type": name,
            "time": f"2026-11-23T12:00:{second:02}Z",
            "causationid": f"cause-of-{order}",
            "data": {"reason": reason} if name == "OrderCancelled" else {},
        }
        for second, name in enumerate(names)
    ]


SHIPPED = ("OrderCreated", "InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled")
CANCELLED = ("OrderCreated", "InventoryRejected", "OrderCancelled")


def test_shipped_and_cancelled_orders_are_complete() -> None:
    outcome = outcome_of([*facts("a", *SHIPPED), *facts("b", *CANCELLED)], orders_in=2)
    assert outcome.terminal == {"cancelled": 1, "shipped": 1}
    assert outcome.reasons == {"out_of_stock": 1}
    assert outcome.facts["OrderCreated"] == 2
    assert outcome.is_complete


def test_facts_may_be_read_in_any_order() -> None:
    assert outcome_of(reversed(facts("a", *SHIPPED)), orders_in=1).is_complete


def test_a_released_reservation_after_the_cancellation_leaves_the_order_cancelled() -> None:
    outcome = outcome_of(facts("a", *CANCELLED, "InventoryReleased"), orders_in=1)
    assert outcome.terminal == {"cancelled": 1}


def test_an_order_without_an_end_is_open() -> None:
    outcome = outcome_of(facts("a", "OrderCreated", "InventoryReserved"), orders_in=1)
    assert (outcome.terminal, outcome.is_complete) == ({"open": 1}, False)


def test_an_order_that_never_reached_the_log_is_open() -> None:
    outcome = outcome_of(facts("a", *SHIPPED), orders_in=3)
    assert (outcome.terminal, outcome.is_complete) == ({"open": 2, "shipped": 1}, False)


def test_an_order_both_shipped_and_cancelled_is_contradictory() -> None:
    outcome = outcome_of(facts("a", *SHIPPED, "OrderCancelled"), orders_in=1)
    assert (outcome.terminal, outcome.is_complete) == ({"contradictory": 1}, False)


def test_more_orders_than_went_in_are_not_complete() -> None:
    outcome = outcome_of([*facts("a", *SHIPPED), *facts("b", *SHIPPED)], orders_in=1)
    assert (outcome.terminal, outcome.is_complete) == ({"shipped": 2}, False)


def test_what_was_decided_on_something_else_is_no_order() -> None:
    outcome = outcome_of([*facts("a", *SHIPPED), *facts("delivery-1", "StockAdded")], orders_in=1)
    assert outcome.facts["StockAdded"] == 1
    assert outcome.is_complete


def test_the_first_order_of_a_state_and_what_it_began_with_are_known() -> None:
    outcome = outcome_of([*facts("a", *CANCELLED), *facts("b", *SHIPPED)], orders_in=2)
    assert outcome.first("shipped") == "b"
    assert outcome.first("open") is None
    assert outcome.causes["b"] == "cause-of-b"
