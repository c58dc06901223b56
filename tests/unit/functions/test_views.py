"""The read model: each fact adds the same in any order and any number of times."""

import itertools
import uuid
from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.contracts.inventory import InventoryReleased
from functions.contracts.order_fact import OrderFact
from functions.contracts.payments import PaymentRefunded
from functions.contracts.values import Line, Money, PricedLine
from functions.shared.runtime.clients import dynamodb
from functions.views.handler import handle
from tests.unit.functions.account import delete, everything, put, rows
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    amending,
    dying_after,
    failing,
    meanwhile,
    recorded_calls,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    TOTAL,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    a_payment_declined,
    a_payment_processed,
    a_shipment_scheduled,
    an_inventory_reserved,
    an_order_cancelled,
    an_order_confirmed,
    an_order_created,
    retried,
)

pytestmark = pytest.mark.usefixtures("aws")

CREATED, RESERVED, PAID = an_order_created(), an_inventory_reserved(), a_payment_processed()
DECLINED, CONFIRMED, CANCELLED = a_payment_declined(), an_order_confirmed(), an_order_cancelled()
SHIPPED = a_shipment_scheduled()
RELEASED = InventoryReleased(order_id=ORDER, lines=(Line(sku="TEAPOT", quantity=1),))
REFUNDED = PaymentRefunded(order_id=ORDER, payment_id="ch_1", refund_id="re_1", amount=TOTAL)

PATHS: dict[str, Sequence[OrderFact]] = {
    "shipped": (CREATED, RESERVED, PAID, CONFIRMED, SHIPPED),
    "declined": (CREATED, RESERVED, DECLINED, CANCELLED, RELEASED),
    "out of stock": (CREATED, CANCELLED, DECLINED),
    "refunded": (CREATED, RESERVED, PAID, CONFIRMED, CANCELLED, REFUNDED, RELEASED),
    # No order goes like this; the rows must not depend on it.
    "all at once": (CREATED, RESERVED, RELEASED, PAID, REFUNDED, CONFIRMED, CANCELLED, SHIPPED),
}
TIMES = {
    fact: f"2026-11-23T10:00:0{second}Z"
    for second, fact in enumerate(
        (CREATED, RESERVED, PAID, DECLINED, CONFIRMED, SHIPPED, CANCELLED, REFUNDED, RELEASED)
    )
}

NUMBERS = itertools.count(1000)


def delivery_of(fact: OrderFact, order_id: str = ORDER) -> str:
    """The fact's delivery, of that order."""
    own = msgspec.structs.replace(fact, order_id=order_id)
    return a_delivery(own, time=TIMES[fact])


def deliver(*facts: OrderFact) -> BatchResponse:
    return handle(a_batch(*map(delivery_of, facts)), Context())


def written_about(*ids: str) -> dict[str, list[dict[str, str]]]:
    """The rows about each of these orders, under another name of it."""
    found: dict[str, list[dict[str, str]]] = {order_id: [] for order_id in ids}
    for table in ("PROGRESS", "LISTINGS", "SALES"):
        for row in sorted(rows(f"{table}_TABLE"), key=str):
            order_id = row.get("order_id") or row["position"].partition("#")[2]
            if order_id in found:
                found[order_id].append({key: value.replace(order_id, "…") for key, value in row.items()})
    return found


def test_rows_of_a_shipped_order_hold_nothing_personal() -> None:
    assert deliver(*PATHS["shipped"]) == NO_FAILURES
    (progress,) = rows("PROGRESS_TABLE")
    assert progress.keys() == {"order_id", "placed", "created", "reserved", "paid", "confirmed", "shipped"}
    assert progress["shipped"] == '{"at":"2026-11-23T10:00:05.000000Z","detail":"OB12345678"}'
    assert rows("LISTINGS_TABLE") == [
        {"customer_id": "ada", "position": f"2026-11-23T10:00:00.000000Z#{ORDER}"}
    ]
    sold = {"day": "2026-11-23", "order_id": ORDER, "currency": "GBP"}
    assert rows("SALES_TABLE") == [
        {**sold, "sale": f"CUP#{ORDER}", "sku": "CUP", "units": "4", "revenue": "2600"},
        {**sold, "sale": f"TEAPOT#{ORDER}", "sku": "TEAPOT", "units": "1", "revenue": "2499"},
    ]
    written = str(everything())
    assert not [word for word in ("ada@", "Lovelace", "London", "pm_card") if word in written]


@pytest.mark.parametrize("way", ["declined", "out of stock", "refunded"])
def test_order_is_not_sold_when_not_shipped(way: str) -> None:
    deliver(*PATHS[way])
    assert rows("SALES_TABLE") == []


def test_sale_has_the_utc_day_of_its_shipment() -> None:
    late = a_delivery(SHIPPED, time="2026-11-24T00:30:00+01:00")
    handle(a_batch(delivery_of(CREATED), late), Context())
    assert {row["day"] for row in rows("SALES_TABLE")} == {"2026-11-23"}


@pytest.mark.exhaustive
@pytest.mark.parametrize("way", ["shipped", "declined", "out of stock"])
def test_rows_are_the_same_in_any_order_of_facts(way: str) -> None:
    seen = []
    for number, facts in enumerate(itertools.permutations(PATHS[way])):
        order_id = str(uuid.UUID(int=number))
        assert handle(a_batch(*(delivery_of(fact, order_id) for fact in facts)), Context()) == NO_FAILURES
        seen.append(order_id)
    written = written_about(*seen)
    expected = written[seen[0]]
    assert expected
    assert [order_id for order_id in seen if written[order_id] != expected] == []


@given(chance=st.randoms(use_true_random=False), way=st.sampled_from(sorted(PATHS)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rows_are_the_same_for_any_duplicates_and_batches(chance: Random, way: str) -> None:
    # The account is the same for all examples, so that each has orders of its own.
    straight, shuffled = str(uuid.UUID(int=next(NUMBERS))), str(uuid.UUID(int=next(NUMBERS)))
    for fact in PATHS[way]:
        handle(a_batch(delivery_of(fact, straight)), Context())
    facts = [*PATHS[way], *chance.choices(PATHS[way], k=chance.randint(0, 6))]
    chance.shuffle(facts)
    while facts:
        size = chance.randint(1, 10)
        batch, facts = facts[:size], facts[size:]
        handle(a_batch(*(delivery_of(fact, shuffled) for fact in batch)), Context())
    written = written_about(straight, shuffled)
    assert written[shuffled] == written[straight] != []


@pytest.mark.parametrize(("first", "second"), [(CREATED, SHIPPED), (SHIPPED, CREATED)])
def test_one_of_two_concurrent_facts_sees_both(first: OrderFact, second: OrderFact) -> None:
    with meanwhile(dynamodb(), "UpdateItem", lambda: _well(second)):
        _well(first)
    assert len(rows("SALES_TABLE")) == 2


def _well(fact: OrderFact) -> None:
    assert deliver(fact) == NO_FAILURES


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("nth", range(4))
def test_rows_are_complete_when_a_crashed_batch_is_retried(nth: int) -> None:
    deliver(*PATHS["shipped"])
    expected = everything()
    _empty()
    with pytest.raises(Crash), dying_after(dynamodb(), nth=nth):
        deliver(CREATED, SHIPPED)
    assert deliver(*PATHS["shipped"]) == NO_FAILURES
    assert everything() == expected


def _empty() -> None:
    keys = {"PROGRESS": ["order_id"], "LISTINGS": ["customer_id", "position"], "SALES": ["day", "sale"]}
    for table, names in keys.items():
        for row in rows(f"{table}_TABLE"):
            delete(f"{table}_TABLE", **{name: row[name] for name in names})


def test_two_facts_take_four_requests() -> None:
    with recorded_calls(dynamodb()) as calls:
        deliver(CREATED, SHIPPED)
    assert calls == ["UpdateItem", "PutItem", "UpdateItem", "BatchWriteItem"]


def test_message_is_retried_when_a_table_is_throttled() -> None:
    for call in ("UpdateItem", "PutItem"):
        with failing(dynamodb(), call, "ThrottlingException"):
            assert deliver(CREATED) == retried("message-0")
    with failing(dynamodb(), "BatchWriteItem", "ThrottlingException"):
        assert deliver(CREATED, SHIPPED) == retried("message-1")
    with amending(dynamodb(), "BatchWriteItem", lambda parsed: parsed.update(UnprocessedItems={"t": [{}]})):
        assert deliver(SHIPPED) == retried("message-0")
    assert deliver(SHIPPED) == NO_FAILURES
    assert len(rows("SALES_TABLE")) == 2


def test_largest_order_is_sold_completely() -> None:
    lines = tuple(PricedLine(sku=f"SKU-{number}", quantity=1, unit_price=1) for number in range(99))
    big = an_order_created(lines=lines, total=Money(amount=99, currency="GBP"))
    assert handle(a_batch(a_delivery(big), delivery_of(SHIPPED)), Context()) == NO_FAILURES
    assert len(rows("SALES_TABLE")) == 99


def test_replayed_fact_is_projected_again() -> None:
    deliver(*PATHS["shipped"])
    before = everything()
    put("PROGRESS_TABLE", order_id={"S": ORDER})
    deliver(*PATHS["shipped"])
    assert everything() == before
