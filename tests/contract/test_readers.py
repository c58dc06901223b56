"""Tests of which fields of an event each service reads."""

from collections.abc import Sequence
from functools import cache
from types import FunctionType
from typing import Any

import pytest
from msgspec import UNSET

from contract_files.field_reads import reads_of
from contract_files.origins import root
from contract_files.readers import document, functions_of, reads
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Money, PricedLine
from functions.notifications import templates
from functions.notifications.templates import shipped
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.event_store.attributes import texts
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


def held(orders: Sequence[Event[OrderCreated]]) -> list[str]:
    return [order.fact.email for order in orders]


def collected(order: OrderCreated) -> object:
    return {**texts(name=order.email)}, texts(name=order.order_id)


def mapped(orders: dict[str, OrderCreated]) -> list[str]:
    return [order.email for order in orders.values()]


def method(event: Event[OrderCreated]) -> str:
    return event.fact.email.lower() + event.subject


def by_keyword(fact: Fact) -> str | None:
    match fact:
        case OrderConfirmed(ship_to=to):
            return str(to)
        case _:
            return None


def optional(order: OrderCreated) -> bool:
    return order.gift_message is UNSET


def present(facts: dict[type[Fact], Any]) -> bool:
    return facts.get(OrderCreated) is not None


def by_template(shipment: ShipmentScheduled) -> str:
    return shipped(shipment).body


def untouched(order: OrderCreated, money: Money, line: PricedLine) -> int:
    return money.amount + line.quantity


def whole_of(fact: type[Fact]) -> set[str]:
    return set(root(fact).leaves())


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
        (held, {("OrderCreated", path) for path in whole_of(OrderCreated)}),
        (collected, {("OrderCreated", "email"), ("OrderCreated", "order_id")}),
        (mapped, {("OrderCreated", path) for path in whole_of(OrderCreated)}),
        (method, {("OrderCreated", "email")}),
        (by_keyword, {("OrderConfirmed", path) for path in whole_of(OrderConfirmed) if "ship_to" in path}),
        (optional, {("OrderCreated", "gift_message")}),
        (present, set()),
        (by_template, {("ShipmentScheduled", path) for path in whole_of(ShipmentScheduled)}),
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
    assert reads("notifications", "ShipmentScheduled") >= {"data.tracking_number", "data.gift_message"}
    assert reads("notifications", "OrderCancelled") >= {"data.reason"}
    assert reads("notifications", "PaymentRefunded") >= {"data.amount.amount", "data.amount.currency"}


def test_reads_are_empty_when_service_reads_no_event() -> None:
    assert reads("fraud", "PaymentProcessed") == frozenset()


def test_every_event_is_in_the_document() -> None:
    assert set(document()) >= {fact for service in SERVICES for fact in service.reacts_to}


def test_every_kind_of_function_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    class Reader:
        @staticmethod
        def of(order: OrderCreated) -> str:
            return order.email

        @classmethod
        @cache
        def made(cls, order: OrderCreated) -> str:
            return order.email

        @property
        def known(self) -> str:
            return ""

    members: dict[str, Any] = dict(vars(Reader))
    for each in (Reader.of, members["made"].__func__.__wrapped__, members["known"].fget):
        each.__module__ = templates.__name__
    monkeypatch.setattr(templates, "Reader", Reader, raising=False)
    assert {"of", "made", "known"} <= {each.__name__ for each in functions_of("notifications")}
