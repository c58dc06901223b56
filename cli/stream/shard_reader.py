"""Read the shards of the ordered stream with GetRecords, each within its five reads a second."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

RECORDS_PER_REQUEST = 1000
PAUSE_SECONDS = 0.25
"""Leave one of a shard's five reads a second to each of its consumers."""
THROTTLED = "ProvisionedThroughputExceededException"
THROTTLED_PAUSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedEvent:
    """One record of the stream."""

    shard: str
    sequence: str
    key: str
    arrived_at: datetime
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPosition:
    """The starting position: a time, a sequence number, or the oldest record."""

    time: datetime | None = None
    sequence: str | None = None
    after: str | None = None
    """Behind this sequence number."""

    def as_request(self) -> dict[str, Any]:
        """Return the parameters of GetShardIterator."""
        if self.sequence is not None:
            return {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": self.sequence}
        if self.after is not None:
            return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": self.after}
        if self.time is not None:
            return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": self.time}
        return {"ShardIteratorType": "TRIM_HORIZON"}


@dataclass(kw_only=True)
class ShardReader:
    """Reads shards in turns; a shard's children follow when it is closed and read to its end."""

    kinesis: Any
    stream: str
    sleep: Callable[[float], None]
    _iterators: dict[str, str] = field(default_factory=dict)
    _since: datetime | None = None

    def shards(self) -> list[dict[str, Any]]:
        """Return all shards with records, open and closed."""
        pages = self.kinesis.get_paginator("list_shards").paginate(StreamName=self.stream)
        return [shard for page in pages for shard in page["Shards"]]

    def start(self, shards: Sequence[str], position: StartPosition) -> None:
        """Start with these shards."""
        self._since = position.time
        for shard in shards:
            request = {"StreamName": self.stream, "ShardId": shard, **position.as_request()}
            self._iterators[shard] = self.kinesis.get_shard_iterator(**request)["ShardIterator"]

    def first_after(self, shard: str, position: StartPosition) -> datetime | None:
        """Return when the first record from a position arrived; None if there is none."""
        self.start([shard], position)
        while True:
            response = self._get(shard)
            if response["Records"]:
                arrived: datetime = response["Records"][0]["ApproximateArrivalTimestamp"]
                return arrived
            if not response.get("NextShardIterator") or not response["MillisBehindLatest"]:
                return None

    def read_shard(self, shard: str, position: StartPosition) -> Iterator[StreamedEvent]:
        """Yield the records of one shard from a position, until the newest."""
        self.start([shard], position)
        while True:
            response = self._get(shard)
            yield from (_event(shard, record) for record in response["Records"])
            if "NextShardIterator" not in response or not response["MillisBehindLatest"]:
                return
            self.sleep(PAUSE_SECONDS)

    def read(self, *, follow: bool) -> Iterator[StreamedEvent]:
        """Yield the records, until the newest or, with `follow`, for ever."""
        done: set[str] = set()
        while pending := [shard for shard in self._iterators if shard not in done]:
            for shard in pending:
                response = self._get(shard)
                yield from (_event(shard, record) for record in response["Records"])
                if "NextShardIterator" not in response:
                    self._continue_in_children(shard, response["ChildShards"])
                elif not follow and not response["MillisBehindLatest"]:
                    done.add(shard)
                else:
                    self.sleep(PAUSE_SECONDS)

    def _get(self, shard: str) -> Any:  # noqa: ANN401 - no stubs installed
        """Read once; wait while the consumers use up the shard's throughput."""
        while True:
            try:
                response = self.kinesis.get_records(
                    ShardIterator=self._iterators[shard], Limit=RECORDS_PER_REQUEST
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != THROTTLED:
                    raise
                self.sleep(THROTTLED_PAUSE_SECONDS)
            else:
                self._iterators[shard] = response.get("NextShardIterator", "")
                return response

    def _continue_in_children(self, shard: str, children: Sequence[dict[str, Any]]) -> None:
        del self._iterators[shard]
        for child in children:
            # A merged shard has two parents: the last of them starts it.
            waits = any(parent in self._iterators for parent in child["ParentShards"])
            if not waits and child["ShardId"] not in self._iterators:
                self.start([child["ShardId"]], StartPosition(time=self._since))


def _event(shard: str, record: dict[str, Any]) -> StreamedEvent:
    return StreamedEvent(
        shard=shard,
        sequence=record["SequenceNumber"],
        key=record["PartitionKey"],
        arrived_at=record["ApproximateArrivalTimestamp"],
        data=record["Data"],
    )


def require_stream(kinesis: Any, stream: str) -> dict[str, Any]:  # noqa: ANN401 - no stubs installed
    """Return the stream's summary; raise CommandError if the stage has none."""
    try:
        summary: dict[str, Any] = kinesis.describe_stream_summary(StreamName=stream)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        raise CommandError(
            f"This stage has no stream {stream}.",
            hint="Set ordered_stream in cdk.json and deploy the stage: docs/stream.md.",
            code=ExitCode.USAGE,
        ) from error
    return dict(summary["StreamDescriptionSummary"])
