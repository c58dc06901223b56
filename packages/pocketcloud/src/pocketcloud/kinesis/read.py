"""GetShardIterator and GetRecords.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.kinesis.errors import invalid_argument, not_found, throttled
from pocketcloud.kinesis.rate_limit import MIB
from pocketcloud.kinesis.record import KinesisRecord
from pocketcloud.kinesis.shard import Shard
from pocketcloud.kinesis.shard_iterator import ShardIterator, decode_iterator, milliseconds
from pocketcloud.kinesis.stream import Stream
from pocketcloud.kinesis.streams import DataStreams

_MAXIMUM_BYTES, _MAXIMUM_RECORDS = 10 * MIB, 10_000
_MILLISECOND = timedelta(milliseconds=1)


class Reads:
    """Reads shards through iterators, within each shard's throughput."""

    def __init__(self, streams: DataStreams) -> None:
        self._streams = streams
        self._engine = streams.engine

    def get_shard_iterator(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return an iterator at the place that the request chooses."""
        stream = self._streams.require(request)
        shard = stream.shard(request["ShardId"])
        place = self._place(stream, shard, request)
        return {"ShardIterator": self._iterator(stream, shard, place)}

    def get_records(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the next records; without an iterator if a closed shard has no more."""
        iterator = decode_iterator(request["ShardIterator"])
        stream, now = self._stream_of(iterator), self._engine.clock.now()
        iterator.check_age(now)
        shard, limit = stream.shard(iterator.shard_id), request.get("Limit", _MAXIMUM_RECORDS)
        if not 1 <= limit <= _MAXIMUM_RECORDS:
            raise invalid_argument(f"Limit must be between 1 and {_MAXIMUM_RECORDS}, not {limit}.")
        if not shard.reads.allows(now):
            self._measure(stream, "ReadProvisionedThroughputExceeded", 1)
            raise throttled(
                f"Rate exceeded for shard {shard.id} in stream {stream.name} under account {stream.account}."
            )
        start = max(iterator.place, shard.horizon(now - stream.retention))
        records = _first(shard.records_from(start), limit)
        shard.reads.count(sum(record.size for record in records), now)
        return self._response(stream, shard, records, start + len(records))

    def _response(
        self, stream: Stream, shard: Shard, records: list[KinesisRecord], end: int
    ) -> dict[str, Any]:
        now = self._engine.clock.now()
        waiting = shard.records_from(end)
        behind = (now - waiting[0].written_at) // _MILLISECOND if waiting else 0
        if records:
            age = (now - records[-1].written_at) / _MILLISECOND
            self._measure(stream, "GetRecords.IteratorAgeMilliseconds", age)
        response = {"Records": [record.as_read() for record in records], "MillisBehindLatest": behind}
        if not shard.is_open and not waiting:
            return {**response, "ChildShards": [child.as_child() for child in shard.children]}
        return {**response, "NextShardIterator": self._iterator(stream, shard, end)}

    def _place(self, stream: Stream, shard: Shard, request: Mapping[str, Any]) -> int:
        kind, horizon = (
            request["ShardIteratorType"],
            shard.horizon(self._engine.clock.now() - stream.retention),
        )
        if kind == "LATEST":
            return shard.end
        if kind == "TRIM_HORIZON":
            return horizon
        if kind == "AT_TIMESTAMP":
            return max(horizon, shard.place_at(self._timestamp(request)))
        if kind not in {"AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"}:
            raise invalid_argument(f"Unknown ShardIteratorType {kind}.")
        return max(horizon, _place_of(shard, stream, kind, request.get("StartingSequenceNumber")))

    def _timestamp(self, request: Mapping[str, Any]) -> datetime:
        if "Timestamp" not in request:
            raise invalid_argument("Must specify timestamp for shard iterator type AT_TIMESTAMP.")
        when = read_time(request["Timestamp"])
        if when > self._engine.clock.now():
            raise invalid_argument("The timestamp in the request must not be in the future.")
        return when

    def _iterator(self, stream: Stream, shard: Shard, place: int) -> str:
        created, now = milliseconds(stream.created_at), milliseconds(self._engine.clock.now())
        return ShardIterator(stream.name, created, shard.id, place, now).encode()

    def _stream_of(self, iterator: ShardIterator) -> Stream:
        stream = self._streams.find(iterator.stream)
        if stream is None or milliseconds(stream.created_at) != iterator.created_ms:
            raise not_found(f"Stream {iterator.stream} under account {self._engine.account} not found.")
        return stream

    def _measure(self, stream: Stream, name: str, value: float) -> None:
        self._engine.metrics.put(Metric.of("AWS/Kinesis", name, StreamName=stream.name), value)


def read_time(value: object) -> datetime:
    """Return a timestamp of a request: seconds since the epoch, or a time."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromtimestamp(float(str(value)), UTC)


def _place_of(shard: Shard, stream: Stream, kind: str, sequence: str | None) -> int:
    if not sequence or not sequence.isdecimal():
        raise invalid_argument(f"StartingSequenceNumber {sequence} is not valid for {kind}.")
    if not int(shard.starting_number()) <= int(sequence):
        raise invalid_argument(
            f"StartingSequenceNumber {sequence} used in GetShardIterator on shard {shard.id} in stream"
            f" {stream.name} under account {stream.account} is invalid because it did not come"
            " from this stream."
        )
    place = shard.place_of(sequence)
    found = shard.records_from(place)
    is_there = bool(found) and found[0].sequence == sequence
    return place + (is_there and kind == "AFTER_SEQUENCE_NUMBER")


def _first(records: list[KinesisRecord], limit: int) -> list[KinesisRecord]:
    """Return at most this many records, and at most ten mebibytes of them; at least one."""
    total = 0

    def fits(record: KinesisRecord) -> bool:
        nonlocal total
        total += record.size
        return total <= _MAXIMUM_BYTES

    chosen = records[:limit]
    return list(takewhile(fits, chosen)) or chosen[:1]
