"""Lambda's message about discarded records of a stream or a topic: it names them, and has no content.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec import Struct, field

from cli.dlq.event_label import read_as

BEFORE, AFTER = timedelta(minutes=5), timedelta(minutes=1)
"""Margins: a fact's time precedes its record, and clocks differ. A fact too many is harmless."""


class ArrivalWindow(Struct, frozen=True):
    """When the discarded records of a shard arrived, and which they are."""

    first: str = field(name="approximateArrivalOfFirstRecord")
    last: str = field(name="approximateArrivalOfLastRecord")
    batch_size: int = field(name="batchSize")
    shard: str = field(name="shardId", default="-")

    def with_margins(self) -> tuple[datetime, datetime]:
        """Return the times between which the facts of the records were published.

        Raises:
            ValueError, OverflowError: a time is none, or the first and the last of all.
        """
        return _utc(self.first) - BEFORE, _utc(self.last) + AFTER

    def __str__(self) -> str:
        return f"{self.shard}: {self.batch_size} that arrived from {self.first} to {self.last}"


class OffsetRange(Struct, frozen=True):
    """The discarded records of a partition, with both ends."""

    first: str = field(name="firstRecordOffset")
    last: str = field(name="lastRecordOffset")


class TopicRecords(Struct, frozen=True):
    """The discarded records of a topic, by partition: `deliveries-0`."""

    partitions: Mapping[str, OffsetRange] = field(name="recordsInfo")

    def __str__(self) -> str:
        ranges = sorted(self.partitions.items())
        return ", ".join(f"{partition}:{offsets.first}-{offsets.last}" for partition, offsets in ranges)


class _Condition(Struct, frozen=True):
    condition: str = "unknown"


class DiscardedBatch(Struct, frozen=True):
    """Records that Lambda does not retry any more: of a table's stream, a data stream or a topic."""

    table: ArrivalWindow | None = field(name="DDBStreamBatchInfo", default=None)
    stream: ArrivalWindow | None = field(name="KinesisBatchInfo", default=None)
    topic: TopicRecords | None = field(name="KafkaBatchInfo", default=None)
    request: _Condition = field(name="requestContext", default=_Condition())

    @property
    def places(self) -> str:
        """The places of the records; `deliveries-0:41-43` is a partition with its first and last offset."""
        return str(self.table or self.stream or self.topic)


def discarded_batch(body: str) -> DiscardedBatch | None:
    """Return Lambda's message about discarded records; None for any other message."""
    found = read_as(body, DiscardedBatch)
    return found if found and (found.table or found.stream or found.topic) else None


def _utc(text: str) -> datetime:
    """Parse a time; without a zone it is UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)
