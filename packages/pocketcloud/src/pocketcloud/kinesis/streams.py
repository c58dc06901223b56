"""All data streams of the account."""

from collections.abc import Mapping
from typing import Any

from moto.kinesis.models import kinesis_backends

from pocketcloud.core.engine import Engine, name_in
from pocketcloud.kinesis.errors import in_use, invalid_argument, invalid_request, not_found
from pocketcloud.kinesis.stream import (
    DEFAULT_RECORD_KIB,
    MAXIMUM_RECORD_KIB,
    ON_DEMAND,
    ON_DEMAND_SHARDS,
    PROVISIONED,
    Stream,
)


class DataStreams:
    """Data streams by name."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._streams: dict[str, Stream] = {}

    def create(self, request: Mapping[str, Any]) -> Stream:
        """Create a stream, active at once."""
        name, account = request["StreamName"], self.engine.account
        if name in self._streams:
            raise in_use(f"Stream {name} under account {account} already exists.")
        mode = request.get("StreamModeDetails", {}).get("StreamMode", PROVISIONED)
        stream = Stream(
            name=name,
            arn=self.engine.access.location.arn("kinesis", f"stream/{name}"),
            account=account,
            created_at=self.engine.clock.now(),
            mode=mode,
            max_record_kib=checked_record_size(request.get("MaxRecordSizeInKiB", DEFAULT_RECORD_KIB)),
            tags=dict(request.get("Tags", {})),
        )
        stream.start(_shard_count(mode, request.get("ShardCount")))
        self._streams[name] = stream
        # moto looks for the stream of an event source mapping in its own store.
        self._moto().create_stream(name, 1)
        return stream

    def delete(self, stream: Stream) -> None:
        """Delete a stream with its records."""
        del self._streams[stream.name]
        self._moto().delete_stream(None, stream.name)

    def encrypt(self, stream: Stream, key_id: str | None) -> None:
        """Give a stream a key, or none; access control reads it from moto's stream."""
        stream.key_id = key_id
        self._moto().streams[stream.name].key_id = key_id

    def require(self, request: Mapping[str, Any]) -> Stream:
        """Return the stream that a request names, by ARN or by name."""
        named = request.get("StreamARN") or request.get("StreamName")
        if not named:
            raise invalid_argument("StreamARN or StreamName must be provided.")
        if (stream := self.find(named)) is None:
            raise not_found(f"Stream {name_in(named)} under account {self.engine.account} not found.")
        return stream

    def find(self, named: str) -> Stream | None:
        """Return a stream by ARN or name; None if there is none."""
        stream = self._streams.get(name_in(named))
        return None if stream is None or (named.startswith("arn:") and named != stream.arn) else stream

    def names(self) -> list[str]:
        """Return the names of all streams in order."""
        return sorted(self._streams)

    def clear(self) -> None:
        """Delete the records of all streams."""
        for stream in self._streams.values():
            stream.clear()

    def _moto(self) -> Any:
        return kinesis_backends[self.engine.account][self.engine.region]


def checked_record_size(kib: int) -> int:
    """Return the maximum size of a record; raise the error of an invalid one."""
    if not DEFAULT_RECORD_KIB <= kib <= MAXIMUM_RECORD_KIB:
        raise invalid_request(
            f"1 validation error detected: Value '{kib}' at 'maxRecordSizeInKiB' failed to satisfy"
            f" constraint: Member must have value between {DEFAULT_RECORD_KIB} and {MAXIMUM_RECORD_KIB}"
        )
    return kib


def _shard_count(mode: str, count: int | None) -> int:
    if mode == ON_DEMAND:
        if count is not None:
            raise invalid_argument("ShardCount must not be set for a stream in On-Demand mode.")
        return ON_DEMAND_SHARDS
    if count is None or count < 1:
        raise invalid_argument("ShardCount must be at least 1 for a stream in Provisioned mode.")
    return count
