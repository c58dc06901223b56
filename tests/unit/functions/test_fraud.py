"""Fraud judges each order once, by the rules and the customer's earlier orders."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import OrderCreated
from functions.contracts.values import Currency, Money
from functions.fraud import domain, store
from functions.fraud.domain import LARGE_AMOUNT, NEW_COUNTRY, RISKY_COUNTRY, TOO_MANY_ORDERS, Past
from functions.fraud.handler import handle
from functions.fraud.rules import RULES
from functions.fraud.store import KEPT
from functions.shared.event_store.idempotency import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from tests.now import NOW, frozen
from tests.unit.functions.account import everything, facts, put, rows
from tests.unit.functions.aws_faults import meanwhile, recorded_calls
from tests.unit.functions.builders import (
    ADA,
    LONDON,
    NO_FAILURES,
    ORDER,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    an_order_created,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

WRITE_UNIT_BYTES = 1024
MOST = RULES.orders_in_an_hour
FINE = a_delivery(an_order_created())
LARGE = a_delivery(an_order_created(total=Money(amount=RULES.amount["GBP"] + 1, currency="GBP")))
A_REPLAY = json.dumps({**json.loads(FINE), "replay-name": "orderbus-dev-fraud-again"})
ORDERS_OF_THE_HOUR = {"customer_id": ADA.id, "record": "orders#2026-11-23T10Z"}


def deliver(*bodies: str) -> BatchResponse:
    return handle(a_batch(*bodies), Context())


def another_order(number: int, **changes: Any) -> OrderCreated:
    return an_order_created(order_id=str(uuid.uuid5(uuid.NAMESPACE_OID, str(number))), **changes)


def suspicions() -> list[tuple[str, ...]]:
    return [fact.reasons for fact in facts() if isinstance(fact, FraudSuspected)]


def counted() -> list[str]:
    return [order_id for row in rows("CUSTOMERS_TABLE") for order_id in row["orders"]]


def to(country: str, amount: int = 5099) -> dict[str, Any]:
    address = msgspec.structs.replace(LONDON, country=country)
    return {"ship_to": address, "total": Money(amount=amount, currency="GBP")}


def given_orders(number: int) -> None:
    put(
        "CUSTOMERS_TABLE",
        **{name: {"S": value} for name, value in ORDERS_OF_THE_HOUR.items()},
        orders={"SS": [another_order(1000 + each).order_id for each in range(number)]},
    )


def test_ordinary_order_passes_and_counts_once() -> None:
    assert deliver(FINE, FINE) == NO_FAILURES
    assert deliver(FINE) == NO_FAILURES
    assert facts() == []
    assert counted() == [ORDER]


def test_suspicion_is_published_once_with_reasons_and_customer() -> None:
    assert deliver(LARGE, LARGE) == NO_FAILURES
    assert deliver(LARGE) == NO_FAILURES
    assert facts() == [FraudSuspected(order_id=ORDER, customer_id="ada", reasons=(LARGE_AMOUNT,))]
    assert counted() == [ORDER]


def test_order_is_suspicious_above_the_hourly_limit() -> None:
    bodies = [a_delivery(another_order(number)) for number in range(MOST + 1)]
    assert deliver(*bodies) == NO_FAILURES
    assert suspicions() == [(TOO_MANY_ORDERS,)]
    assert deliver(*bodies) == NO_FAILURES
    assert suspicions() == [(TOO_MANY_ORDERS,)]
    assert len(counted()) == MOST


@pytest.mark.parametrize("body", [FINE, LARGE], ids=["fine", "large"])
def test_row_stays_small_when_its_hour_is_full(body: str) -> None:
    given_orders(MOST)
    before = rows("CUSTOMERS_TABLE")
    assert deliver(body) == NO_FAILURES
    assert rows("CUSTOMERS_TABLE") == before
    assert len(json.dumps(before)) < WRITE_UNIT_BYTES
    assert [TOO_MANY_ORDERS in reasons for reasons in suspicions()] == [True]


def test_rate_is_measured_by_order_time() -> None:
    given_orders(MOST)
    later = (NOW + timedelta(hours=1)).isoformat()
    assert deliver(a_delivery(an_order_created(), time=later)) == NO_FAILURES
    assert suspicions() == []


def test_another_customer_s_pace_is_their_own() -> None:
    given_orders(MOST)
    grace = msgspec.structs.replace(ADA, id="grace")
    assert deliver(a_delivery(an_order_created(customer=grace))) == NO_FAILURES
    assert suspicions() == []


def test_counter_expires_after_its_last_possible_order() -> None:
    deliver(FINE)
    (row,) = rows("CUSTOMERS_TABLE")
    hour = timedelta(hours=1)
    assert NOW + KEPT < datetime.fromtimestamp(int(row["expires_at"]), UTC) <= NOW + KEPT + hour
    assert KEPT > REMEMBERED


def test_old_order_is_not_judged_when_its_records_expired(output: Output) -> None:
    deliver(FINE)
    before = everything()
    with frozen(NOW + KEPT):
        assert deliver(A_REPLAY) == NO_FAILURES
    assert everything() == before
    assert output.metrics() == {"Handled": 2, "Replayed": 1}


def test_concurrent_order_counts_towards_the_limit() -> None:
    given_orders(MOST - 1)
    with meanwhile(dynamodb(), "UpdateItem", lambda: given_orders(MOST)):
        assert deliver(FINE) == NO_FAILURES
    assert suspicions() == [(TOO_MANY_ORDERS,)]
    assert len(counted()) == MOST


def test_cleared_order_costs_one_request_and_one_unit() -> None:
    with recorded_calls(dynamodb()) as calls:
        deliver(FINE)
    assert calls == ["UpdateItem"]


def test_countries_are_read_up_to_the_orders_own() -> None:
    large = to("FR", RULES.amount_to_a_new_country["GBP"] + 1)
    for number, country in enumerate(("FR", "GB", "FR", "DE")):
        time = (NOW + timedelta(hours=number)).isoformat()
        deliver(a_delivery(another_order(number, **to(country)), time=time))
    assert store.countries_of(another_order(9, **large)) == {"FR", "DE", "GB"}
    assert suspicions() == []


def test_large_order_is_suspicious_when_country_is_new() -> None:
    much = RULES.amount_to_a_new_country["GBP"] + 1
    deliver(FINE)
    deliver(a_delivery(another_order(1, **to("FR", much))))
    assert suspicions() == [(NEW_COUNTRY,)]
    deliver(a_delivery(another_order(2, **to("FR", much))))
    assert suspicions() == [(NEW_COUNTRY,)] * 2, "a suspicious order makes no country known"
    deliver(a_delivery(another_order(3, **to("FR"))), a_delivery(another_order(4, **to("FR", much))))
    assert suspicions() == [(NEW_COUNTRY,)] * 2


def test_first_country_of_a_customer_is_not_new() -> None:
    deliver(a_delivery(an_order_created(**to("FR", RULES.amount_to_a_new_country["GBP"] + 1))))
    assert suspicions() == []


def test_order_is_suspicious_when_country_is_risky() -> None:
    deliver(a_delivery(an_order_created(**to(min(RULES.risky_countries), 1))))
    assert suspicions() == [(RISKY_COUNTRY,)]


def test_suspicion_has_all_its_reasons() -> None:
    order = an_order_created(**to(min(RULES.risky_countries), RULES.amount["GBP"] + 1))
    found = domain.reasons(order, Past(orders=MOST, countries=frozenset({"GB"})), RULES)
    assert found == (TOO_MANY_ORDERS, LARGE_AMOUNT, NEW_COUNTRY, RISKY_COUNTRY)


@pytest.mark.parametrize("currency", get_args(get_args(Currency)[0]))
def test_order_passes_at_the_limit_of_any_currency(currency: Any) -> None:
    abroad = Past(orders=0, countries=frozenset({"FR"}))
    home = Past(orders=0, countries=frozenset({"GB"}))
    for past, limits, code in (
        (home, RULES.amount, LARGE_AMOUNT),
        (abroad, RULES.amount_to_a_new_country, NEW_COUNTRY),
    ):
        at = an_order_created(total=Money(amount=limits[currency], currency=currency))
        above = an_order_created(total=Money(amount=limits[currency] + 1, currency=currency))
        assert domain.reasons(at, past, RULES) == ()
        assert domain.reasons(above, past, RULES) == (code,)


def test_pass_is_kept_when_rules_would_differ_later() -> None:
    deliver(FINE, *[a_delivery(another_order(number)) for number in range(MOST)])
    before = everything()
    assert deliver(FINE) == NO_FAILURES
    assert everything() == before


def test_suspicion_is_kept_when_order_would_pass_later() -> None:
    large = a_delivery(an_order_created(**to("FR", RULES.amount_to_a_new_country["GBP"] + 1)))
    deliver(a_delivery(another_order(1)), large, a_delivery(another_order(2, **to("FR"))))
    assert suspicions() == [(NEW_COUNTRY,)]
    before = everything()
    assert deliver(large) == NO_FAILURES
    assert everything() == before
