"""Up to when figures are complete, from checkpoints alone: no reader of figures needs to read events."""

from collections.abc import Mapping
from datetime import datetime

from functions.analytics.checkpoint import ALLOWED_LATENESS
from functions.analytics.shards import StreamShard


def complete_until(shards: Mapping[str, StreamShard], newest: Mapping[str, datetime]) -> datetime | None:
    """Return the time before which every event is counted; None if a shard has counted nothing.

    `newest` has the time of the newest event that was counted of each shard. A shard without records since
    then keeps the time back: `orderbus analytics` reads the stream, and knows that nothing waits.
    """
    times = [_counted_until(name, shards, newest) for name, shard in shards.items() if shard.is_open]
    known = [time for time in times if time is not None]
    return min(known) - ALLOWED_LATENESS if known and len(known) == len(times) else None


def _counted_until(
    name: str, shards: Mapping[str, StreamShard], newest: Mapping[str, datetime]
) -> datetime | None:
    """Return the time up to which a shard is counted; a new one is as far as its parents are.

    Lambda reads a shard only after its parents, so a shard that is counted has no waiting ones before it.
    """
    if name in newest:
        return newest[name]
    parents = shards[name].parents if name in shards else ()
    times = [_counted_until(parent, shards, newest) for parent in parents]
    known = [time for time in times if time is not None]
    return min(known) if known and len(known) == len(times) else None
