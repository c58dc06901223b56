"""PutEvents, ten at a time, with every entry's answer read.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.shared.clients import events
from functions.shared.environment import required

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

ENTRIES_AT_ONCE = 10
"""EventBridge's limit; ten of our events (64 KiB each) stay below its limit of bytes as well."""


class _Label(msgspec.Struct, frozen=True):
    """As much of an event as its publication needs."""

    source: str
    type: str


def publish(documents: Sequence[str]) -> int | None:
    """Put the documents on the order bus, in order; answers the index of the first that did not get there.

    It stops after the ten with a failure among them: what comes after a failure is published again anyway.
    """
    for start, ten in _tens(documents):
        answer = events().put_events(Entries=[_entry(document) for document in ten])
        # A partial failure is a success to HTTP: only the entries tell.
        failed = [index for index, entry in enumerate(answer["Entries"]) if "ErrorCode" in entry]
        if failed:
            return start + failed[0]
    return None


def _tens(documents: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(0, len(documents), ENTRIES_AT_ONCE):
        yield start, documents[start : start + ENTRIES_AT_ONCE]


def _entry(document: str) -> "PutEventsRequestEntryTypeDef":
    label = msgspec.json.decode(document, type=_Label)
    return {
        "EventBusName": required("ORDER_BUS_NAME"),
        "Source": label.source,
        "DetailType": label.type,
        "Detail": document,
    }
