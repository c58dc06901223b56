"""PutEvents, as many entries as a request takes, with every entry's answer read.

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
"""One request, and time to keep a row that can never be published."""
HOPELESS = frozenset({"InvalidArgument", "MalformedDetail", "RedactionFailure"})
"""Codes that speak of one entry, which asking again cannot mend.

All others speak of EventBridge or of our rights: they pass, or somebody makes them pass, and the facts behind
wait in their order. https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""


class TryAgainError(Exception):
    """EventBridge did not take it this time."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows were published, and the first that is to come again."""

    published: int
    failed: Row | None = None


class _Label(msgspec.Struct, frozen=True):
    """As much of an event as its publication needs."""

    source: str
    type: str


def publish(
    rows: Sequence[Row], *, on_published: Callable[[Row], None], set_aside: Callable[[Row, Rejected], bool]
) -> Outcome:
    """Put the rows' facts on the order bus, in order, and set aside what can never get there.

    It stops after the batch with a failure among them: what comes after a failure is published again anyway.
    It stops before a batch for which too little time is left.
    """
    published = 0
    for batch in batched(rows, _size):
        if not deadline().allows(BATCH_TIME_MS):
            return Outcome(published=published, failed=batch[0])
        for row, trouble in zip(batch, _put(batch), strict=True):
            if trouble is None:
                published += 1
                on_published(row)
            elif not (isinstance(trouble, Rejected) and set_aside(row, trouble)):
                return Outcome(published=published, failed=row)
    return Outcome(published=published)


def _size(row: Row) -> int:
    """The row's entry in bytes; a row without one takes no part in the request."""
    try:
        return entry_size(_entry(row))
    except Rejected:
        return 0


def _put(batch: Sequence[Row]) -> list[Exception | None]:
    """One request; answers for each row what is in its way, if anything is."""
    troubles: list[Exception | None] = [None] * len(batch)
    entries: dict[int, PutEventsRequestEntryTypeDef] = {}
    for place, row in enumerate(batch):
        try:
            entries[place] = _entry(row)
        except Rejected as rejected:
            troubles[place] = rejected
    if entries:
        answer = events().put_events(Entries=list(entries.values()))
        # A partial failure is a success to HTTP: only the entries tell.
        for place, result in zip(entries, answer["Entries"], strict=True):
            troubles[place] = _trouble(result)
    return troubles


def _trouble(result: Mapping[str, Any]) -> Exception | None:
    code = result.get("ErrorCode")
    if code is None:
        return None
    return Rejected("put_events_refused", code) if code in HOPELESS else TryAgainError(code)


def _entry(row: Row) -> "PutEventsRequestEntryTypeDef":
    """Raises `Rejected` where the row holds no fact that EventBridge would take."""
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
