"""Open items in a sparse index, the longest due first.

An item that is not finished has `open_in`, one of the index's partitions, and the time it is due. The index
may be seconds behind, so it only nominates items, and a conditional write on the item decides.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general-sparse-indexes.html
"""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter

from functions.shared.event_store.attributes import text
from functions.shared.runtime.clients import dynamodb

SHARDS = 4
"""Partitions of an index; one takes 1,000 writes per second, and an item is written to it twice."""


def due(*, table: str, index: str, key: str, due_at: str, before: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the ids of the items that are due and their due times; read each page when it is needed.

    `key` names the attribute with the id, and `due_at` the index's sort key.
    """
    paginator = dynamodb().get_paginator("query")

    def due_in(shard: str) -> Iterator[tuple[str, datetime]]:
        pages = paginator.paginate(
            TableName=table,
            IndexName=index,
            KeyConditionExpression="open_in = :shard AND #due <= :before",
            ExpressionAttributeNames={"#due": due_at},
            ExpressionAttributeValues={":shard": text(shard), ":before": text(sortable(before))},
        )
        for page in pages:
            for item in page["Items"]:
                yield item[key]["S"], datetime.fromisoformat(item[due_at]["S"])

    yield from heapq.merge(*(due_in(shard) for shard in shards()), key=itemgetter(1))


def shards() -> tuple[str, ...]:
    """Return every partition."""
    return tuple(_shard(each) for each in range(SHARDS))


def shard_of(item_id: str) -> str:
    """Return the partition of the item with this id, which starts with a hexadecimal digit."""
    return _shard(int(item_id[0], 16) % SHARDS)


def sortable(time: datetime) -> str:
    """Return the time in UTC and in a fixed length, so that text order is time order."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def _shard(number: int) -> str:
    return f"open-{number}"
