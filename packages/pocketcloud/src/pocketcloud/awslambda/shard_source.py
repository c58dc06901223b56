"""A shard that an event source mapping reads: of a table's stream, or of a Kinesis stream."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from pocketcloud.core.journal import EventRef


class StreamedRecord(Protocol):
    """A record in its place in a shard."""

    @property
    def number(self) -> int:
        """Its place: consecutive within the shard."""

    @property
    def sequence(self) -> str:
        """Its sequence number, by which a function reports it as failed."""

    @property
    def order_key(self) -> str:
        """The key whose records stay in order, also if the shard is read in several lanes."""

    @property
    def id(self) -> str:
        """Its id in the journal."""

    @property
    def written_at(self) -> datetime:
        """When it was written."""

    @property
    def event(self) -> EventRef | None:
        """The CloudEvent in it, if any."""

    @property
    def text(self) -> str:
        """The event's text."""


class ShardRecords(Protocol):
    """The records that a shard still has."""

    items: list[Any]
    starting_sequence_number: int
    """The place of the first item."""


class ShardSource(Protocol):
    """One shard, and what is particular to its service."""

    label: str
    """The name of the table or stream in the journal."""
    read_actions: tuple[str, ...]
    """The permissions that each poll needs."""

    @property
    def retention(self) -> timedelta:
        """The retention of records."""

    @property
    def shard_id(self) -> str | None:
        """The shard's id."""

    @property
    def is_closed(self) -> bool:
        """Whether the shard takes no more records."""

    def shard(self) -> ShardRecords | None:
        """Return the shard; None if there is none any more."""

    def present(self, record: Any) -> dict[str, Any]:
        """Return the record as the function receives it."""

    def filtered(self, record: Any, presented: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the record as the mapping's filters see it."""

    def batch(self, presented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the event that the function receives, with these records."""

    def batch_info(self, records: Sequence[Any], arn: str) -> dict[str, Any]:
        """Return the member of an on-failure message that describes these records of the mapping's source."""

    def reported(self, identifier: object) -> object:
        """Return the sequence number of the record that the function names as failed, or None."""


def shard_info(shard_id: str | None, records: Sequence[StreamedRecord], arn: str) -> dict[str, Any]:
    """Describe consecutive records of a shard.

    https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
    """
    first, last = records[0], records[-1]
    return {
        "shardId": shard_id,
        "startSequenceNumber": first.sequence,
        "endSequenceNumber": last.sequence,
        "approximateArrivalOfFirstRecord": f"{first.written_at:%Y-%m-%dT%H:%M:%SZ}",
        "approximateArrivalOfLastRecord": f"{last.written_at:%Y-%m-%dT%H:%M:%SZ}",
        "batchSize": len(records),
        "streamArn": arn,
    }
