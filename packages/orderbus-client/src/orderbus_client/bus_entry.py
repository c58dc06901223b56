"""Entries of PutEvents, and batches within its limits.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orderbus_client.contracts.shared import codec
from orderbus_client.contracts.shared.envelope import Event
from orderbus_client.contracts.shared.fact import Fact

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

MAXIMUM_ENTRIES = 10
MAXIMUM_BATCH_BYTES = 256 * 1024
"""A request stays below this. AWS raised its limit to 1 MB in January 2026; older endpoints keep 256 KB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusEntry:
    """An event as PutEvents takes it."""

    event: Event[Any]
    detail: str

    @property
    def bytes(self) -> int:
        """The entry's size as EventBridge counts it; these entries have no time and no resources.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html
        """
        fact = self.event.fact
        return sum(len(text.encode()) for text in (fact.owner, type(fact).__name__, self.detail))

    def request(self, bus: str) -> "PutEventsRequestEntryTypeDef":
        """Return the entry for this bus: its name or ARN."""
        fact = self.event.fact
        return {
            "EventBusName": bus,
            "Source": fact.owner,
            "DetailType": type(fact).__name__,
            "Detail": self.detail,
        }


def entry_of(event: Event[Fact]) -> BusEntry:
    """Return the event's entry; raise `Rejected` or `UnreadableFactError` if it violates its contract."""
    detail = codec.write(event)
    codec.read(detail).fact.check()
    return BusEntry(event=event, detail=detail)


def batches(entries: Sequence[BusEntry], *, maximum_bytes: int) -> Iterator[list[BusEntry]]:
    """Split the entries, in order, into requests of at most ten entries and fewer than `maximum_bytes`."""
    batch: list[BusEntry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == MAXIMUM_ENTRIES or size + entry.bytes >= maximum_bytes):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += entry.bytes
    if batch:
        yield batch
