"""The operations on streams and shards, and their descriptions.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_Operations.html
"""

from collections.abc import Mapping
from typing import Any

from pocketcloud.kinesis.errors import in_use, invalid_argument, invalid_request, unsupported
from pocketcloud.kinesis.read import read_time
from pocketcloud.kinesis.shard import Shard
from pocketcloud.kinesis.stream import (
    MAXIMUM_RETENTION_HOURS,
    MINIMUM_RETENTION_HOURS,
    ON_DEMAND,
    PROVISIONED,
    Stream,
)
from pocketcloud.kinesis.streams import DataStreams, checked_record_size

_LISTED_AT_ONCE, _DESCRIBED_AT_ONCE = 1_000, 100
_UNSUPPORTED_OPTIONS = {"WarmThroughputMiBps", "RecordDistributionStrategy"}


class Control:
    """Creates, changes, describes and deletes streams."""

    def __init__(self, streams: DataStreams) -> None:
        self._streams = streams
        self._clock = streams.engine.clock

    def create_stream(self, request: Mapping[str, Any]) -> None:
        """Create a stream."""
        if chosen := sorted(_UNSUPPORTED_OPTIONS & request.keys()):
            raise unsupported(f"CreateStream: {', '.join(chosen)} is not supported offline")
        self._streams.create(request)

    def delete_stream(self, request: Mapping[str, Any]) -> None:
        """Delete a stream."""
        self._streams.delete(self._streams.require(request))

    def describe_stream(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stream with its shards."""
        stream = self._streams.require(request)
        shards = _after(stream.listed(self._clock.now()), request.get("ExclusiveStartShardId"))
        limit = request.get("Limit", _DESCRIBED_AT_ONCE)
        described = {
            **_described(stream),
            "Shards": [shard.describe() for shard in shards[:limit]],
            "HasMoreShards": len(shards) > limit,
        }
        return {"StreamDescription": described}

    def describe_stream_summary(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return a stream without its shards."""
        stream = self._streams.require(request)
        counts = {"OpenShardCount": len(stream.open_shards()), "ConsumerCount": 0}
        size = {"MaxRecordSizeInKiB": stream.max_record_kib}
        return {"StreamDescriptionSummary": {**_described(stream), **counts, **size}}

    def list_streams(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the names of streams, a page at a time."""
        start = request.get("ExclusiveStartStreamName") or request.get("NextToken") or ""
        names = [name for name in self._streams.names() if name > start]
        limit = request.get("Limit", _DESCRIBED_AT_ONCE)
        page, more = names[:limit], len(names) > limit
        summaries = [_summary(self._streams.require({"StreamName": name})) for name in page]
        token = {"NextToken": page[-1]} if more else {}
        return {"StreamNames": page, "HasMoreStreams": more, "StreamSummaries": summaries, **token}

    def list_shards(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return shards with records that can be read, open or closed, a page at a time."""
        name, _, start = request.get("NextToken", "").partition(" ")
        if name and (request.get("StreamName") or request.get("StreamARN")):
            raise invalid_argument("NextToken and StreamName cannot be provided together.")
        stream = self._streams.require({"StreamName": name} if name else request)
        shards = self._filtered(stream, request.get("ShardFilter"))
        shards = _after(shards, start or request.get("ExclusiveStartShardId"))
        limit = request.get("MaxResults", _LISTED_AT_ONCE)
        token = {"NextToken": f"{stream.name} {shards[limit - 1].id}"} if len(shards) > limit else {}
        return {"Shards": [shard.describe() for shard in shards[:limit]], **token}

    def split_shard(self, request: Mapping[str, Any]) -> None:
        """Split a shard at a hash key."""
        stream = self._streams.require(request)
        stream.require_provisioned()
        shard = stream.shard(request["ShardToSplit"])
        stream.split(shard, int(request["NewStartingHashKey"]), self._clock.now())

    def merge_shards(self, request: Mapping[str, Any]) -> None:
        """Merge two adjacent shards."""
        stream = self._streams.require(request)
        stream.require_provisioned()
        shards = [stream.shard(request[name]) for name in ("ShardToMerge", "AdjacentShardToMerge")]
        stream.merge(shards[0], shards[1], self._clock.now())

    def update_shard_count(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Scale to a number of equal shards: at most double, and at least half of the open ones."""
        stream = self._streams.require(request)
        stream.require_provisioned()
        before, target = len(stream.open_shards()), request["TargetShardCount"]
        if target > 2 * before or 2 * target < before:
            raise invalid_argument(
                f"UpdateShardCount cannot scale to {target}: the stream has {before} open shards, and the"
                " target is at most double and at least half of that."
            )
        stream.resize(target, self._clock.now())
        counts = {"CurrentShardCount": before, "TargetShardCount": target}
        return {"StreamName": stream.name, "StreamARN": stream.arn, **counts}

    def update_stream_mode(self, request: Mapping[str, Any]) -> None:
        """Change the capacity mode; the shards stay."""
        stream, mode = self._streams.require(request), request["StreamModeDetails"]["StreamMode"]
        if mode not in {ON_DEMAND, PROVISIONED}:
            raise invalid_request(f"StreamMode {mode} is not one of ON_DEMAND, PROVISIONED.")
        stream.mode = mode

    def update_max_record_size(self, request: Mapping[str, Any]) -> None:
        """Change the maximum size of a record."""
        self._streams.require(request).max_record_kib = checked_record_size(request["MaxRecordSizeInKiB"])

    def increase_stream_retention_period(self, request: Mapping[str, Any]) -> None:
        """Keep records for longer."""
        stream, hours = self._streams.require(request), request["RetentionPeriodHours"]
        _check_retention(hours)
        if hours < stream.retention_hours:
            raise invalid_argument(_retention_message(stream, hours, "shorter", "Decrease"))
        stream.retention_hours = hours

    def decrease_stream_retention_period(self, request: Mapping[str, Any]) -> None:
        """Keep records for less time."""
        stream, hours = self._streams.require(request), request["RetentionPeriodHours"]
        _check_retention(hours)
        if hours > stream.retention_hours:
            raise invalid_argument(_retention_message(stream, hours, "longer", "Increase"))
        stream.retention_hours = hours

    def start_stream_encryption(self, request: Mapping[str, Any]) -> None:
        """Mark the stream as encrypted."""
        if request["EncryptionType"] != "KMS":
            raise invalid_request(f"EncryptionType {request['EncryptionType']} must be KMS.")
        self._streams.encrypt(self._streams.require(request), request["KeyId"])

    def stop_stream_encryption(self, request: Mapping[str, Any]) -> None:
        """Mark the stream as not encrypted."""
        stream = self._streams.require(request)
        if stream.key_id is None:
            raise in_use(f"Stream {stream.name} under account {stream.account} is not encrypted.")
        self._streams.encrypt(stream, None)

    def add_tags_to_stream(self, request: Mapping[str, Any]) -> None:
        """Add tags."""
        self._streams.require(request).tags.update(request["Tags"])

    def remove_tags_from_stream(self, request: Mapping[str, Any]) -> None:
        """Remove tags."""
        tags = self._streams.require(request).tags
        for key in request["TagKeys"]:
            tags.pop(key, None)

    def list_tags_for_stream(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the tags."""
        tags = self._streams.require(request).tags
        return {"Tags": [{"Key": key, "Value": tags[key]} for key in sorted(tags)], "HasMoreTags": False}

    def _filtered(self, stream: Stream, chosen: Mapping[str, Any] | None) -> list[Shard]:
        shards = stream.listed(self._clock.now())
        kind = (chosen or {}).get("Type", "FROM_TRIM_HORIZON")
        if kind == "AT_LATEST":
            return [shard for shard in shards if shard.is_open]
        if kind == "AFTER_SHARD_ID":
            return _after(shards, (chosen or {})["ShardId"])
        if kind in {"FROM_TIMESTAMP", "AT_TIMESTAMP"}:
            when = read_time((chosen or {})["Timestamp"])
            kept = [shard for shard in shards if shard.closed_at is None or shard.closed_at >= when]
            at = kind == "AT_TIMESTAMP"
            return [shard for shard in kept if not at or shard.created_at <= when]
        if kind == "AT_TRIM_HORIZON":
            oldest = self._clock.now() - stream.retention
            return [shard for shard in shards if not shard.parents or shard.created_at <= oldest]
        return shards


def _after(shards: list[Shard], shard_id: str | None) -> list[Shard]:
    return [shard for shard in shards if shard_id is None or shard.id > shard_id]


def _summary(stream: Stream) -> dict[str, Any]:
    names = ("StreamName", "StreamARN", "StreamStatus", "StreamModeDetails", "StreamCreationTimestamp")
    described = _described(stream)
    return {name: described[name] for name in names}


def _described(stream: Stream) -> dict[str, Any]:
    encryption = (
        {"EncryptionType": "KMS", "KeyId": stream.key_id} if stream.key_id else {"EncryptionType": "NONE"}
    )
    return {
        "StreamName": stream.name,
        "StreamARN": stream.arn,
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": stream.mode},
        "StreamCreationTimestamp": stream.created_at,
        "RetentionPeriodHours": stream.retention_hours,
        "EnhancedMonitoring": [{"ShardLevelMetrics": []}],
        **encryption,
    }


def _check_retention(hours: int) -> None:
    if not MINIMUM_RETENTION_HOURS <= hours <= MAXIMUM_RETENTION_HOURS:
        raise invalid_argument(
            f"The retention period is {MINIMUM_RETENTION_HOURS} to {MAXIMUM_RETENTION_HOURS} hours,"
            f" not {hours}."
        )


def _retention_message(stream: Stream, hours: int, than: str, other: str) -> str:
    return (
        f"Requested retention period ({hours} hours) for stream {stream.name} can not be {than} than existing"
        f" retention period ({stream.retention_hours} hours). Use {other}RetentionPeriod API."
    )
