"""PutEvents in batches, with every entry's result checked.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.relay.rows import Row
from functions.shared.contracts.codec import MAXIMUM_BYTES, Rejected, decode
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, events
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required
from functions.shared.runtime.event_batches import batched, entry_size

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

BATCH_TIME_MS = 2 * MAXIMUM_CALL_MS
"""One request, and one to dead-letter a row that can never be published."""
PERMANENT_CODES = frozenset({"InvalidArgument", "MalformedDetail", "RedactionFailure"})
"""Error codes of one entry that no retry can fix.

All others concern EventBridge or our permissions: they pass or somebody fixes them, and later facts wait in
order. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""


class EntryFailedError(Exception):
    """EventBridge did not take an entry this time; retry."""


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """The number of rows published, and the first row that has to come again."""

    published: int
    failed: Row | None = None


class _Label(msgspec.Struct, frozen=True):
    """The fields of an event that PutEvents repeats."""

    source: str
    type: str


def publish(
    rows: Sequence[Row], *, on_published: Callable[[Row], None], dead_letter: Callable[[Row, Rejected], bool]
) -> Publication:
    """Publish the rows in order, and dead-letter the rows that can never be published.

    Stop after a batch with a failure: the rows behind a failure are published again anyway. Stop before a
    batch for which too little time is left.
    """
    published = 0
    for batch in batched(rows, _size):
        if not deadline().allows(BATCH_TIME_MS):
            return Publication(published=published, failed=batch[0])
        for row, error in zip(batch, _put(batch), strict=True):
            if error is None:
                published += 1
                on_published(row)
            elif not (isinstance(error, Rejected) and dead_letter(row, error)):
                return Publication(published=published, failed=row)
    return Publication(published=published)


def _size(row: Row) -> int:
    """Return the size of the row's entry in bytes; a row without an entry has none."""
    try:
        return entry_size(_entry(row))
    except Rejected:
        return 0


def _put(batch: Sequence[Row]) -> list[Exception | None]:
    """Send one request; return for each row its error, or None if it was published."""
    errors: list[Exception | None] = [None] * len(batch)
    entries: dict[int, PutEventsRequestEntryTypeDef] = {}
    for place, row in enumerate(batch):
        try:
            entries[place] = _entry(row)
        except Rejected as rejected:
            errors[place] = rejected
    if entries:
        response = events().put_events(Entries=list(entries.values()))
        # HTTP reports a partial failure as success: check each entry.
        for place, result in zip(entries, response["Entries"], strict=True):
            errors[place] = _error_of(result)
    return errors


def _error_of(result: Mapping[str, Any]) -> Exception | None:
    code = result.get("ErrorCode")
    if code is None:
        return None
    return Rejected("put_events_refused", code) if code in PERMANENT_CODES else EntryFailedError(code)


def _entry(row: Row) -> "PutEventsRequestEntryTypeDef":
    """Return the row's entry; raise `Rejected` if EventBridge can never take it."""
    size = len(row.document.encode())
    if size > MAXIMUM_BYTES:
        raise Rejected("event_too_large", f"{size} bytes; the limit is {MAXIMUM_BYTES}")
    if not row.is_fact:
        raise Rejected("row_malformed", "the row has no event")
    label = decode(row.document, _Label, "row_malformed")
    return {
        "EventBusName": required("EVENT_BUS_NAME"),
        "Source": label.source,
        "DetailType": label.type,
        "Detail": row.document,
    }
