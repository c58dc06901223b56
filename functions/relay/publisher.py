"""PutEvents, ten at a time, with every entry's answer read.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from functions.relay.rows import Row
from functions.shared.clients import events
from functions.shared.contracts.codec import MAXIMUM_BYTES, Rejected, decode
from functions.shared.environment import required

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ENTRIES_AT_ONCE = 10
"""EventBridge's limit; ten of our events (64 KiB each) stay below its limit of bytes as well."""
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

    It stops after the ten with a failure among them: what comes after a failure is published again anyway.
    """
    published = 0
    for ten in _tens(rows):
        for row, trouble in zip(ten, _put(ten), strict=True):
            if trouble is None:
                published += 1
                on_published(row)
            elif not (isinstance(trouble, Rejected) and set_aside(row, trouble)):
                return Outcome(published=published, failed=row)
    return Outcome(published=published)


def _tens(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), ENTRIES_AT_ONCE):
        yield rows[start : start + ENTRIES_AT_ONCE]


def _put(ten: Sequence[Row]) -> list[Exception | None]:
    """One request; answers for each row what is in its way, if anything is."""
    troubles: list[Exception | None] = [None] * len(ten)
    entries: dict[int, PutEventsRequestEntryTypeDef] = {}
    for place, row in enumerate(ten):
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
        "EventBusName": required("ORDER_BUS_NAME"),
        "Source": label.source,
        "DetailType": label.type,
        "Detail": row.document,
    }
