"""The shards of the ordered stream: which are open, and from which each was split or merged."""

from collections.abc import Mapping

from msgspec import Struct

from functions.shared.runtime.clients import Client

MAXIMUM_SHARDS = 10_000
"""Maximum shards of a request: https://docs.aws.amazon.com/kinesis/latest/APIReference/API_ListShards.html."""


class StreamShard(Struct, frozen=True, kw_only=True):
    """A shard whose records the stream still has."""

    is_open: bool
    parents: tuple[str, ...] = ()


def list_shards(kinesis: Client, stream: str) -> Mapping[str, StreamShard]:
    """Return the shards by their ids."""
    listed = kinesis.list_shards(StreamName=stream, MaxResults=MAXIMUM_SHARDS)["Shards"]
    return {
        each["ShardId"]: StreamShard(
            is_open="EndingSequenceNumber" not in each["SequenceNumberRange"],
            parents=tuple(each[key] for key in ("ParentShardId", "AdjacentParentShardId") if key in each),
        )
        for each in listed
    }
