"""Shard iterators: a place in a shard, valid for five minutes.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetShardIterator.html
"""

import base64
import json
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta

from pocketcloud.kinesis.errors import expired, invalid_argument

_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ShardIterator:
    """A place in a shard of a stream, and when it was issued."""

    stream: str
    created_ms: int
    """When the stream was created: an iterator does not outlive its stream."""
    shard_id: str
    place: int
    issued_ms: int

    def encode(self) -> str:
        """Return the token that clients see."""
        return base64.b64encode(json.dumps(astuple(self)).encode()).decode()

    def check_age(self, now: datetime) -> None:
        """Raise the error of an iterator that is older than five minutes."""
        issued = datetime.fromtimestamp(self.issued_ms / 1000, UTC)
        if now - issued > _LIFETIME:
            raise expired(
                f"Iterator expired. The iterator was created at time {_written(issued)} while right now it is"
                f" {_written(now)} which is further in the future than the tolerated delay of"
                f" {_LIFETIME // timedelta(milliseconds=1)} milliseconds."
            )


def milliseconds(time: datetime) -> int:
    """Return milliseconds since the epoch."""
    return int(time.timestamp() * 1000)


def decode_iterator(token: str) -> ShardIterator:
    """Read a token; raise the error of an invalid one."""
    try:
        return ShardIterator(*json.loads(base64.b64decode(token, validate=True)))
    except (ValueError, TypeError):
        raise invalid_argument("Invalid ShardIterator.") from None


def _written(time: datetime) -> str:
    return f"{time:%a %b %d %H:%M:%S UTC %Y}"
