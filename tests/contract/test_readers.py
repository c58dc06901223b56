"""Tests of which fields of an event each service reads."""

from types import FunctionType
from typing import Any

import pytest

from contract_files.field_reads import reads_of
from contract_files.readers import document, reads
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.values import Money, PricedLine
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from infrastructure.topology import SERVICES


def one_field(event: Event[OrderCreated]) -> str:
    return event.fact.ship_to.country


def nested(order: OrderCreated) -> list[str]:
    return sorted(line.sku for line in order.lines)


def whole(order: OrderCreated) -> str:
    total = order.total
    return str(total)


def followed(order: OrderCreated) -> int:
    return order.total.amount + sum(line.quantity for line in order.lines)


def matched(fact: Fact) -> str | None:
    match fact:
        case OrderCancelled():
            return str(fact.reason)
        case _:
            return None


def narrowed(fact: Fact) -> object:
    return {fact.ship_to.country} if isinstance(fact, OrderConfirmed) else None


def looked_up(facts: dict[type[Fact], Any]) -> object:
    created = facts.get(OrderCreated)
    return None if created is None else [created.payment_method]


def untouched(order: OrderCreated, money: Money, line: PricedLine) -> int:
    return money.amount + line.quantity


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (one_field, {("OrderCreated", "ship_to.country")}),
        (nested, {("OrderCreated", "lines[].sku")}),
        (whole, {("OrderCreated", "total.amount"), ("OrderCreated", "total.currency")}),
        (followed, {("OrderCreated", "total.amount"), ("OrderCreated", "lines[].quantity")}),
        (matched, {("OrderCancelled", "reason")}),
        (narrowed, {("OrderConfirmed", "ship_to.country")}),
        (looked_up, {("OrderCreated", "payment_method")}),
        (untouched, set()),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_reads_are_found_in_the_code(function: FunctionType, expected: set[tuple[str, str]]) -> None:
    assert reads_of(function) == expected


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_consumer_reads_something_of_each_of_its_events(service: Any) -> None:
    for event in service.reacts_to:
        assert reads(service.name, event), event


def test_reads_name_the_fields_that_a_reaction_uses() -> None:
    assert reads("shipping", "OrderConfirmed") >= {"data.order_id", "data.ship_to.country"}
    assert "data.email" not in reads("fraud", "OrderCreated")
    assert reads("notifications", "OrderCreated") == {"data.email", "data.order_id"}


def test_reads_of_a_service_that_reads_no_such_event_are_empty() -> None:
    assert reads("fraud", "PaymentProcessed") == frozenset()


def test_every_event_is_in_the_document() -> None:
    assert set(document()) >= {fact for service in SERVICES for fact in service.reacts_to}
