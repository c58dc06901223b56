"""A SKU that ran low is published once between two replenishments, by changes of its rows alone."""

import itertools
from typing import Any

import pytest

from functions.contracts.inventory import StockRanLow
from functions.inventory.levels import handle
from functions.inventory.shards import MAXIMUM_SHARDS
from functions.shared.runtime.batch import NotABatchError
from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import events, facts, put, rows
from tests.unit.functions.aws_faults import (
    Crash,
    Dying,
    a_crash_publishes_no_metrics,
    dying_after,
    dying_before,
    failing,
    recorded_calls,
)
from tests.unit.functions.builders import NO_FAILURES, Context

pytestmark = pytest.mark.usefixtures("aws")

NUMBERS = itertools.count(1)


def image(available: int, *, level: int | None = 5, replenishments: int = 1) -> dict[str, Any]:
    row = {"available": {"N": str(available)}, "replenishments": {"N": str(replenishments)}}
    return row if level is None else row | {"reorder_level": {"N": str(level)}}


def change(old: dict[str, Any] | None, new: dict[str, Any], *, row: str = "TEAPOT") -> dict[str, Any]:
    """A record of the stock table's stream."""
    number, key = next(NUMBERS), {"sku": {"S": row}}
    images = {"NewImage": key | new} | ({"OldImage": key | old} if old is not None else {})
    return {
        "eventID": f"{number:032x}",
        "eventSource": "aws:dynamodb",
        "eventName": "MODIFY" if old is not None else "INSERT",
        "dynamodb": {"Keys": key, "SequenceNumber": str(number), **images},
    }


def consume(*records: dict[str, Any]) -> object:
    return handle({"Records": list(records)}, Context())


def shortage(available: int, *, sku: str = "TEAPOT", replenishments: int = 1) -> StockRanLow:
    return StockRanLow(sku=sku, available=available, reorder_level=5, replenishments=replenishments)


def test_low_stock_is_published_when_sku_reaches_its_level() -> None:
    assert consume(change(image(6), image(5))) == NO_FAILURES
    (event,) = events()
    assert event.fact == shortage(5)
    assert event.subject == "TEAPOT"
    (row,) = rows("EVENT_LOG_TABLE")
    assert (row["pk"], row["sk"]) == ("inventory#TEAPOT", "shortage#1")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (image(7), image(6)),
        (image(5), image(4)),
        (image(4), image(6)),
        (image(6, level=None), image(0, level=None)),
        (None, image(6)),
        (None, {"reorder_level": {"N": "5"}}),
    ],
    ids=["enough", "low before", "back", "no level wanted", "new and enough", "never stocked"],
)
def test_low_stock_is_not_published_when_unchanged(old: dict[str, Any] | None, new: dict[str, Any]) -> None:
    with recorded_calls(dynamodb()) as calls:
        assert consume(change(old, new)) == NO_FAILURES
    assert calls == []


def test_low_stock_is_published_once_when_it_oscillates() -> None:
    up_and_down = [change(image(6), image(5)), change(image(5), image(6)), change(image(6), image(4))]
    assert consume(*up_and_down) == NO_FAILURES
    assert consume(*up_and_down) == NO_FAILURES
    assert facts() == [shortage(5)]


def test_low_stock_is_published_again_after_a_replenishment() -> None:
    consume(change(image(6), image(5)))
    consume(
        change(image(5), image(50, replenishments=2)),
        change(image(6, replenishments=2), image(3, replenishments=2)),
    )
    consume(change(image(3, replenishments=2), image(4, replenishments=3)))
    assert facts() == [shortage(5), shortage(3, replenishments=2), shortage(4, replenishments=3)]


def test_sku_is_low_when_its_level_is_raised() -> None:
    assert consume(change(image(5, level=None), image(5)), change(None, image(2), row="CUP")) == NO_FAILURES
    assert facts() == [shortage(5), shortage(2, sku="CUP")]


def lay(*available: int) -> None:
    """Set the stock of each row of a hot SKU."""
    for shard, quantity in enumerate(available):
        row = "HOT" if shard == 0 else f"HOT#{shard}"
        put("STOCK_TABLE", sku={"S": row}, **image(quantity, level=None if shard else 5))


def test_hot_sku_is_low_when_its_shards_together_are() -> None:
    lay(0, 2, 2, 2)
    assert consume(change(image(1), image(0), row="HOT#3")) == NO_FAILURES
    assert facts() == []
    lay(0, 2, 2, 1)
    assert consume(change(image(2), image(1), row="HOT#3")) == NO_FAILURES
    assert facts() == [shortage(5, sku="HOT")]


def test_hot_sku_is_checked_once_per_batch() -> None:
    lay(1, 1)
    with recorded_calls(dynamodb()) as calls:
        assert (
            consume(*(change(image(2), image(1), row=row) for row in ("HOT", "HOT#1", "HOT"))) == NO_FAILURES
        )
    look = ["GetItem"] * MAXIMUM_SHARDS
    assert calls == [*look, "TransactGetItems", "GetItem", "PutItem"]
    with recorded_calls(dynamodb()) as calls:
        assert consume(change(image(1), image(1), row="HOT#1")) == NO_FAILURES
    assert calls == [*look, "TransactGetItems", "GetItem"]
    lay(9, 9)
    with recorded_calls(dynamodb()) as calls:
        assert consume(change(image(9), image(8), row="HOT#1")) == NO_FAILURES
    assert calls == look
    assert facts() == [shortage(2, sku="HOT")]


def test_handler_returns_the_first_record_that_failed() -> None:
    records = [change(image(9), image(8)), change(image(6), image(5)), change(image(6), image(1), row="CUP")]
    with failing(dynamodb(), "PutItem", "InternalServerError"):
        response = consume(*records)
    assert response == {"batchItemFailures": [{"itemIdentifier": records[1]["dynamodb"]["SequenceNumber"]}]}
    assert consume(*records[1:]) == NO_FAILURES
    assert len(facts()) == 2


@a_crash_publishes_no_metrics
@pytest.mark.parametrize("dying", [dying_before, dying_after])
def test_low_stock_is_published_once_after_a_crash(dying: Dying) -> None:
    record = change(image(6), image(5))
    with pytest.raises(Crash), dying(dynamodb()):
        consume(record)
    assert consume(record) == NO_FAILURES
    assert facts() == [shortage(5)]


@a_crash_publishes_no_metrics
def test_handler_raises_for_another_event_source() -> None:
    with pytest.raises(NotABatchError):
        consume({"eventSource": "aws:sqs", "messageId": "1"})
