"""A PutEvents request stays within EventBridge's limits by number and by bytes."""

import pytest

from functions.shared.runtime.event_batches import MAXIMUM_BATCH_BYTES, batched, entry_size

ENTRY = {"Source": "orders", "DetailType": "OrderCreated", "Detail": '{"a":"é"}'}


def test_entries_are_split_by_ten_in_order() -> None:
    assert [len(batch) for batch in batched(range(23), lambda _: 1)] == [10, 10, 3]
    assert [item for batch in batched(range(23), lambda _: 1) for item in batch] == list(range(23))


@pytest.mark.parametrize(("size", "batches"), [(99, [2]), (100, [1, 1]), (400, [1, 1])])
def test_entries_are_split_below_the_bytes(size: int, batches: list[int]) -> None:
    assert [len(batch) for batch in batched([100, size], lambda item: item, maximum_bytes=200)] == batches


def test_four_large_events_need_two_requests() -> None:
    assert [len(batch) for batch in batched([64 * 1024] * 4, lambda item: item)] == [3, 1]
    assert MAXIMUM_BATCH_BYTES == 256 * 1024


def test_entry_size_counts_like_eventbridge() -> None:
    assert entry_size(ENTRY) == 6 + 12 + 10
    assert entry_size({**ENTRY, "Time": 0, "Resources": ["ab", "é"]}) == 6 + 12 + 10 + 14 + 2 + 2
