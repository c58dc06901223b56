"""Checks of the batch that Lambda passes to a function."""

from collections.abc import Mapping, Sequence
from typing import Any


class NotABatchError(ValueError):
    """The function is connected to an event source that it was not written for."""


def check_batch(event_source: str, event: Mapping[str, Any], *, identifier: str) -> None:
    """Raise `NotABatchError` unless all records, and at least one, are from that source and identified."""
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        raise NotABatchError(f"The event has no records; connect the function to {event_source} only.")
    for record in records:
        if record.get("eventSource") != event_source:
            source = record.get("eventSource")
            raise NotABatchError(f"A record is from {source}; connect the function to {event_source} only.")
        if not record.get(identifier):
            raise NotABatchError(f"A record has no {identifier}.")


def handled_before(failed: str | None, records: Sequence[Mapping[str, Any]]) -> int:
    """Return how many records of a shard come before the first one that failed; all without a failure."""
    numbers = [record["kinesis"]["sequenceNumber"] for record in records]
    return len(numbers) if failed is None else numbers.index(failed)
