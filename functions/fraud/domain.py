"""Decisions of fraud, from the order, the past of its customer and the rules."""

from collections.abc import Mapping, Sequence

import msgspec

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import OrderCreated
from functions.contracts.values import Currency, Money

TOO_MANY_ORDERS = "too_many_orders"
LARGE_AMOUNT = "large_amount"
NEW_COUNTRY = "new_country"
RISKY_COUNTRY = "risky_country"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Limits above which an order is suspicious; amounts are in minor units."""

    orders_in_an_hour: int
    amount: Mapping[Currency, int]
    amount_to_a_new_country: Mapping[Currency, int]
    risky_countries: frozenset[str]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """The past of the customer: orders in the same hour, and countries shipped to."""

    orders: int
    countries: frozenset[str]


def reasons(order: OrderCreated, past: Past, rules: Rules) -> tuple[str, ...]:
    """Return the codes of the rules that the order breaks."""
    country = order.ship_to.country
    found = {
        TOO_MANY_ORDERS: past.orders >= rules.orders_in_an_hour,
        LARGE_AMOUNT: _is_above(order.total, rules.amount),
        NEW_COUNTRY: _is_new(country, past) and _is_above(order.total, rules.amount_to_a_new_country),
        RISKY_COUNTRY: country in rules.risky_countries,
    }
    return tuple(code for code, applies in found.items() if applies)


def depends_on_countries(order: OrderCreated, rules: Rules) -> bool:
    """Whether the countries of earlier orders can make the order suspicious."""
    return _is_above(order.total, rules.amount_to_a_new_country)


def suspect(order: OrderCreated, reasons: Sequence[str]) -> FraudSuspected:
    """Return the suspicion with all its reasons."""
    return FraudSuspected(order_id=order.order_id, customer_id=order.customer_id, reasons=tuple(reasons))


def _is_above(total: Money, limits: Mapping[Currency, int]) -> bool:
    return total.amount > limits[total.currency]


def _is_new(country: str, past: Past) -> bool:
    """The first country of a customer is not new."""
    return bool(past.countries) and country not in past.countries
