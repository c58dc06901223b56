"""`outcomes_of` folds the facts of the log into the final state of each order."""

from typing import Any

from cli.demo.outcomes import outcomes_of


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


def test_outcomes_are_complete_when_all_orders_are_final() -> None:
    outcomes = outcomes_of([*facts("a", *SHIPPED), *facts("b", *CANCELLED)], orders_in=2)
    assert outcomes.terminal == {"cancelled": 1, "shipped": 1}
    assert outcomes.reasons == {"out_of_stock": 1}
    assert outcomes.facts["OrderCreated"] == 2
    assert outcomes.is_complete


def test_outcomes_do_not_depend_on_the_order_of_facts() -> None:
    assert outcomes_of(reversed(facts("a", *SHIPPED)), orders_in=1).is_complete


def test_order_stays_cancelled_when_stock_is_released_later() -> None:
    outcomes = outcomes_of(facts("a", *CANCELLED, "InventoryReleased"), orders_in=1)
    assert outcomes.terminal == {"cancelled": 1}


def test_order_is_open_without_a_final_fact() -> None:
    outcomes = outcomes_of(facts("a", "OrderCreated", "InventoryReserved"), orders_in=1)
    assert (outcomes.terminal, outcomes.is_complete) == ({"open": 1}, False)


def test_order_is_open_when_missing_from_the_log() -> None:
    outcomes = outcomes_of(facts("a", *SHIPPED), orders_in=3)
    assert (outcomes.terminal, outcomes.is_complete) == ({"open": 2, "shipped": 1}, False)


def test_order_is_contradictory_when_shipped_and_cancelled() -> None:
    outcomes = outcomes_of(facts("a", *SHIPPED, "OrderCancelled"), orders_in=1)
    assert (outcomes.terminal, outcomes.is_complete) == ({"contradictory": 1}, False)


def test_outcomes_are_incomplete_with_more_orders_than_sent() -> None:
    outcomes = outcomes_of([*facts("a", *SHIPPED), *facts("b", *SHIPPED)], orders_in=1)
    assert (outcomes.terminal, outcomes.is_complete) == ({"shipped": 2}, False)


def test_outcomes_ignore_facts_about_other_subjects() -> None:
    outcomes = outcomes_of([*facts("a", *SHIPPED), *facts("delivery-1", "StockAdded")], orders_in=1)
    assert outcomes.facts["StockAdded"] == 1
    assert outcomes.is_complete


def test_outcomes_have_first_order_and_cause() -> None:
    outcomes = outcomes_of([*facts("a", *CANCELLED), *facts("b", *SHIPPED)], orders_in=2)
    assert outcomes.first("shipped") == "b"
    assert outcomes.first("open") is None
    assert outcomes.causes["b"] == "cause-of-b"
