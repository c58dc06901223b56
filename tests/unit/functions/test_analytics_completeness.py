"""Up to when figures are complete: the shard that is counted least keeps the time back."""

from datetime import UTC, datetime, timedelta

import pytest

from functions.analytics.checkpoint import ALLOWED_LATENESS
from functions.analytics.completeness import complete_until
from functions.analytics.shards import StreamShard

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
OPEN, CLOSED = StreamShard(is_open=True), StreamShard(is_open=False)
SPLIT = {
    "p": CLOSED,
    "a": StreamShard(is_open=True, parents=("p",)),
    "b": StreamShard(is_open=True, parents=("p",)),
}
MERGED = {"p": CLOSED, "q": CLOSED, "m": StreamShard(is_open=True, parents=("p", "q"))}


def minute(number: int) -> datetime:
    return START + timedelta(minutes=number)


@pytest.mark.parametrize(
    ("shards", "newest", "wanted"),
    [
        ({}, {}, None),
        ({"a": OPEN}, {"a": 5}, 5),
        ({"a": OPEN, "b": OPEN}, {"a": 5, "b": 3}, 3),
        ({"a": OPEN, "b": OPEN}, {"a": 5}, None),
        (SPLIT, {"p": 2, "a": 5, "b": 6}, 5),
        (SPLIT, {"p": 2, "a": 5}, 2),
        (SPLIT, {"p": 2}, 2),
        (SPLIT, {}, None),
        (MERGED, {"p": 2, "q": 9}, 2),
        (MERGED, {"p": 2, "q": 9, "m": 11}, 11),
        (MERGED, {"q": 9}, None),
        ({"a": StreamShard(is_open=True, parents=("expired",))}, {"expired": 4}, 4),
        ({"a": StreamShard(is_open=True, parents=("expired",))}, {}, None),
    ],
)
def test_figures_are_complete_as_the_slowest_shard(
    shards: dict[str, StreamShard], newest: dict[str, int], wanted: int | None
) -> None:
    found = complete_until(shards, {name: minute(number) for name, number in newest.items()})
    assert found == (None if wanted is None else minute(wanted) - ALLOWED_LATENESS)
