"""Open items in a sparse index: those due, the longest due first.

An item that is not finished carries `open_in`, one of the index's partitions, and the time it is due. The
index may be seconds behind: it only nominates, and a conditional write on the item itself decides.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general-sparse-indexes.html
"""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime
from operator import itemgetter

from functions.shared.event_store.attributes import text
from functions.shared.runtime.clients import dynamodb

SHARDS = 4
"""Partitions of an index; one takes 1,000 writes a second, and an item is written to it twice."""


def due(*, table: str, index: str, due_at: str, before: datetime) -> Iterator[tuple[str, datetime]]:
    """The ids of the items due by then, and since when each is; no page is read before it is needed.

    `due_at` names the index's sort key.
    """
    shards = (_due_in(_shard(each), table, index, due_at, before) for each in range(SHARDS))
    yield from heapq.merge(*shards, key=itemgetter(1))


def shard_of(order_id: str) -> str:
    """The partition that holds the order's item."""
    return _shard(int(order_id[0], 16) % SHARDS)


def sortable(time: datetime) -> str:
    """In UTC and of one length, so that the later of two is the greater text."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def _due_in(
    shard: str, table: str, index: str, due_at: str, before: datetime
) -> Iterator[tuple[str, datetime]]:
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=table,
            IndexName=index,
            KeyConditionExpression="open_in = :shard AND #due <= :before",
            ExpressionAttributeNames={"#due": due_at},
            ExpressionAttributeValues={":shard": text(shard), ":before": text(sortable(before))},
        )
    )
    for page in pages:
        for item in page["Items"]:
            yield item["order_id"]["S"], datetime.fromisoformat(item[due_at]["S"])


def _shard(number: int) -> str:
    return f"open-{number}"
