"""Batches for PutEvents, within EventBridge's limits on entries and bytes.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

MAXIMUM_ENTRIES = 10
MAXIMUM_BATCH_BYTES = 256 * 1024
"""A request stays below this. AWS raised its limit to 1 MB in January 2026; older pages still say 256 KB."""
_TIME_BYTES = 14


def batched(
    items: Sequence[T], size: Callable[[T], int], *, maximum_bytes: int = MAXIMUM_BATCH_BYTES
) -> Iterator[list[T]]:
    """Split the items, in order, into batches of at most ten entries and fewer than `maximum_bytes`.

    An item that is too large on its own is a batch of one, for AWS to reject.
    """
    batch: list[T] = []
    batch_bytes = 0
    for item in items:
        item_bytes = size(item)
        if batch and (len(batch) == MAXIMUM_ENTRIES or batch_bytes + item_bytes >= maximum_bytes):
            yield batch
            batch, batch_bytes = [], 0
        batch.append(item)
        batch_bytes += item_bytes
    if batch:
        yield batch


def entry_size(entry: Mapping[str, Any]) -> int:
    """Return the entry's size as EventBridge counts it."""
    texts = [entry["Source"], entry["DetailType"], entry["Detail"], *entry.get("Resources", ())]
    return _TIME_BYTES * ("Time" in entry) + sum(len(text.encode()) for text in texts)
