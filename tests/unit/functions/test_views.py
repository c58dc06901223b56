"""The read model: a new order is listed and a shipped one is sold, also if events repeat."""

import itertools
import uuid
from collections.abc import Sequence

import msgspec
import pytest

from functions.contracts.order_fact import OrderFact
from functions.shared.runtime.clients import dynamodb
from functions.views.handler import handle
from functions.views.store import sales_partitions
from tests.unit.functions.account import ENVIRONMENT, delete, everything, rows
from tests.unit.functions.aws_faults import (
    Crash,
    a_crash_publishes_no_metrics,
    dying_after,
    failing,
    recorded_calls,
    responding,
)
from tests.unit.functions.builders import (
    NO_FAILURES,
    ORDER,
    BatchResponse,
    Context,
    a_batch,
    a_delivery,
    a_payment_processed,
    a_shipment_scheduled,
    an_order_created,
    retried,
)
from tests.unit.functions.output import Output

pytestmark = pytest.mark.usefixtures("aws")

CREATED, SHIPPED = an_order_created(), a_shipment_scheduled()
TIMES = {CREATED: "2026-11-23T10:00:00Z", SHIPPED: "2026-11-23T10:00:05Z"}


def delivery_of(fact: OrderFact, order_id: str = ORDER) -> str:
    """The fact's delivery, of that order."""
    return a_delivery(msgspec.structs.replace(fact, order_id=order_id), time=TIMES[fact])


def deliver(*facts: OrderFact) -> BatchResponse:
    return handle(a_batch(*map(delivery_of, facts)), Context())


def written_about(order_id: str) -> list[dict[str, str]]:
    """The rows about the order, under another name of it."""
    found = [*rows("LISTINGS_TABLE"), *rows("SALES_TABLE")]
    return [
        {key: value.replace(order_id, "…") for key, value in row.items()}
        for row in found
        if order_id in str(row)
    ]


def test_rows_of_a_shipped_order_hold_nothing_personal() -> None:
    assert deliver(CREATED, SHIPPED) == NO_FAILURES
    assert rows("LISTINGS_TABLE") == [
        {"customer_id": "ada", "position": f"2026-11-23T10:00:00.000000Z#{ORDER}"}
    ]
    assert rows("SALES_TABLE") == [{"day": "2026-11-23", "order_id": ORDER}]
    written = str(everything())
    assert not [word for word in ("ada@", "Lovelace", "London", "pm_card") if word in written]


def test_order_is_not_sold_when_not_shipped() -> None:
    deliver(CREATED)
    assert rows("SALES_TABLE") == []


def test_fact_without_a_reaction_is_kept_and_adds_nothing() -> None:
    kept = {"batchItemFailures": [{"itemIdentifier": "message-0"}]}
    assert handle(a_batch(a_delivery(a_payment_processed())), Context()) == kept
    assert written_about(ORDER) == []


def test_sale_has_the_utc_day_of_its_shipment() -> None:
    late = a_delivery(SHIPPED, time="2026-11-24T00:30:00+01:00")
    handle(a_batch(late), Context())
    assert {row["day"] for row in rows("SALES_TABLE")} == {"2026-11-23"}


ARRIVALS = [
    arrivals
    for length in (2, 3, 4)
    for arrivals in itertools.product((CREATED, SHIPPED), repeat=length)
    if set(arrivals) == {CREATED, SHIPPED}
]


@pytest.mark.parametrize("arrivals", ARRIVALS)
def test_rows_are_the_same_for_any_order_and_duplicates(arrivals: Sequence[OrderFact]) -> None:
    straight, shuffled = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
    handle(a_batch(delivery_of(CREATED, straight), delivery_of(SHIPPED, straight)), Context())
    for fact in arrivals:
        handle(a_batch(delivery_of(fact, shuffled)), Context())
    assert written_about(shuffled) == written_about(straight) != []


@a_crash_publishes_no_metrics
def test_rows_are_complete_when_a_crashed_batch_is_retried() -> None:
    deliver(CREATED, SHIPPED)
    expected = everything()
    delete("LISTINGS_TABLE", customer_id="ada", position=f"2026-11-23T10:00:00.000000Z#{ORDER}")
    delete("SALES_TABLE", day="2026-11-23", order_id=ORDER)
    with pytest.raises(Crash), dying_after(dynamodb()):
        deliver(CREATED, SHIPPED)
    assert deliver(CREATED, SHIPPED) == NO_FAILURES
    assert everything() == expected


def test_batch_takes_one_request_also_when_events_repeat() -> None:
    with recorded_calls(dynamodb()) as calls:
        assert deliver(CREATED, SHIPPED, CREATED) == NO_FAILURES
    assert calls == ["BatchWriteItem"]
    assert len(written_about(ORDER)) == 2


def test_messages_are_retried_when_a_table_is_throttled() -> None:
    with failing(dynamodb(), "BatchWriteItem", "ThrottlingException"):
        assert deliver(CREATED, SHIPPED) == retried("message-0", "message-1")
    assert deliver(CREATED, SHIPPED) == NO_FAILURES


def test_only_messages_whose_rows_are_unprocessed_are_retried(output: Output) -> None:
    table = ENVIRONMENT["SALES_TABLE"]
    item = {"day": {"S": "2026-11-23"}, "order_id": {"S": ORDER}}
    unprocessed = {"UnprocessedItems": {table: [{"PutRequest": {"Item": item}}]}}
    with responding(dynamodb(), "BatchWriteItem", unprocessed):
        assert deliver(CREATED, SHIPPED) == retried("message-1")
    assert output.metrics() == {"Handled": 1, "Retried": 1}


def test_day_is_divided_as_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALES_SHARDS", "4")
    orders = [str(uuid.UUID(int=number)) for number in range(40)]
    for start in range(0, len(orders), 10):
        batch = [delivery_of(SHIPPED, order_id) for order_id in orders[start : start + 10]]
        assert handle(a_batch(*batch), Context()) == NO_FAILURES
    assert {row["day"] for row in rows("SALES_TABLE")} == set(sales_partitions("2026-11-23")[:4])
    assert len(rows("SALES_TABLE")) == len(orders)
