"""What Lambda hands a function, checked as far as the function relies on it."""

from collections.abc import Mapping
from typing import Any


class NotABatchError(ValueError):
    """The function is wired to something it was not written for: an error, never a quiet success."""


def refuse_other_than(event_source: str, event: Mapping[str, Any], *, identifier: str) -> None:
    """Raises `NotABatchError` unless all records, and at least one, come from there and can be named."""
    records = event.get("Records")
    if not isinstance(records, list) or not records:
        raise NotABatchError("there are no records in it")
    for record in records:
        if record.get("eventSource") != event_source:
            raise NotABatchError(f"a record does not come from {event_source}")
        if not record.get(identifier):
            raise NotABatchError(f"a record has no {identifier}")
