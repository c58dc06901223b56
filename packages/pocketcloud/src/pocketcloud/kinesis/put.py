"""PutRecord and PutRecords: each record goes to the shard of its key, or fails by itself.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.cloudwatch.metrics import Metric
from pocketcloud.core.journal import Kind
from pocketcloud.kinesis.errors import invalid_argument, invalid_request, throttled
from pocketcloud.kinesis.rate_limit import MIB
from pocketcloud.kinesis.record import KinesisRecord
from pocketcloud.kinesis.stream import KEYS, Stream
from pocketcloud.kinesis.streams import DataStreams

_MAXIMUM_RECORDS, _MAXIMUM_REQUEST_BYTES = 500, 10 * MIB
_MAXIMUM_KEY_CHARACTERS = 256
_THROTTLED = "ProvisionedThroughputExceededException"


@dataclass(frozen=True, slots=True)
class _Entry:
    partition_key: str
    data: bytes
    explicit_key: str | None

    @property
    def size(self) -> int:
        return len(self.data) + len(self.partition_key.encode())


class Writes:
    """Puts records, within each shard's throughput."""

    def __init__(self, streams: DataStreams) -> None:
        self._streams = streams
        self._engine = streams.engine

    def put_record(self, request: Mapping[str, Any], *, source: str | None = None) -> dict[str, Any]:
        """Put one record, for the caller or `source`; raise the error of a shard that takes no more now."""
        stream = self._streams.require(request)
        entry = _entry(request)
        _check(stream, entry, "data")
        put = self._put(stream, entry, source)
        if put is None:
            raise throttled(self._message(stream, entry))
        return {"ShardId": put.shard_id, "SequenceNumber": put.sequence, **_encryption(stream)}

    def put_records(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Put up to 500 records; each one's result is in the same place."""
        stream = self._streams.require(request)
        entries = [_entry(each) for each in request["Records"]]
        _check_request(stream, entries)
        results = [self._result(stream, entry) for entry in entries]
        failed = sum("ErrorCode" in result for result in results)
        return {"FailedRecordCount": failed, "Records": results, **_encryption(stream)}

    def _result(self, stream: Stream, entry: _Entry) -> dict[str, str]:
        put = self._put(stream, entry)
        if put is None:
            return {"ErrorCode": _THROTTLED, "ErrorMessage": self._message(stream, entry)}
        return {"SequenceNumber": put.sequence, "ShardId": put.shard_id}

    def _put(self, stream: Stream, entry: _Entry, source: str | None = None) -> KinesisRecord | None:
        """Append the record; return None if its shard takes no more now."""
        shard, now = stream.route(entry.partition_key, entry.explicit_key), self._engine.clock.now()
        label = f"stream/{stream.name}"
        if label in self._engine.outages or not shard.writes.allows(entry.size, now):
            self._measure(stream, "WriteProvisionedThroughputExceeded", 1)
            return None
        record = shard.append(entry.partition_key, entry.data, now, "KMS" if stream.key_id else None)
        self._measure(stream, "IncomingRecords", 1)
        self._measure(stream, "IncomingBytes", entry.size)
        actor = source or self._engine.actor()
        self._engine.journal.write(Kind.RECORDED, actor, label, record.event, message_id=record.id)
        return record

    def _measure(self, stream: Stream, name: str, value: float) -> None:
        self._engine.metrics.put(Metric.of("AWS/Kinesis", name, StreamName=stream.name), value)

    def _message(self, stream: Stream, entry: _Entry) -> str:
        shard = stream.route(entry.partition_key, entry.explicit_key)
        where = f"in stream {stream.name} under account {stream.account}"
        return f"Rate exceeded for shard {shard.id} {where}."


def _entry(request: Mapping[str, Any]) -> _Entry:
    return _Entry(request["PartitionKey"], base64.b64decode(request["Data"]), request.get("ExplicitHashKey"))


def _encryption(stream: Stream) -> dict[str, str]:
    return {"EncryptionType": "KMS"} if stream.key_id else {}


def _check_request(stream: Stream, entries: list[_Entry]) -> None:
    if not 1 <= len(entries) <= _MAXIMUM_RECORDS:
        bound = "less than or equal to 500" if entries else "greater than or equal to 1"
        raise invalid_request(
            "1 validation error detected: Value at 'records' failed to satisfy constraint:"
            f" Member must have length {bound}"
        )
    for number, entry in enumerate(entries, 1):
        _check(stream, entry, f"records.{number}.member.data")
    if sum(entry.size for entry in entries) > _MAXIMUM_REQUEST_BYTES:
        raise invalid_argument("Records size exceeds 10 MB limit")


def _check(stream: Stream, entry: _Entry, where: str) -> None:
    limit = stream.max_record_kib * 1024
    if entry.size > limit:
        raise invalid_request(
            f"1 validation error detected: Value at '{where}' failed to satisfy constraint:"
            f" Member must have length less than or equal to {limit}"
        )
    if not 1 <= len(entry.partition_key) <= _MAXIMUM_KEY_CHARACTERS:
        raise invalid_request(
            "1 validation error detected: Value at 'partitionKey' failed to satisfy constraint:"
            " Member must have length between 1 and 256"
        )
    explicit = entry.explicit_key
    if explicit is not None and not (explicit.isdecimal() and int(explicit) < KEYS):
        raise invalid_argument(
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]."
            f" Specified value was {explicit}"
        )
