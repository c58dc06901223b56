"""The read model's tables: orders by customer, and shipped orders by day.

A row says where an order belongs; what the order is, the event log says. Every row is a pure function of one
immutable fact, with a key of its own: repeated, reordered and concurrent writes leave the same rows. The
rows of a batch are written together.
See docs/decisions/0044-the-read-model-is-two-lists.md and 0054-one-request-for-several-messages.md.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zlib import crc32

import msgspec

from functions.shared.event_store.attributes import Item, texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

MAXIMUM_BATCH = 25
"""Rows of one request: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
MAXIMUM_SALES_SHARDS = 32
"""Partitions that a day of sales may have; a reader reads all of them, as the setting may have changed."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the read model's tables."""

    listings: str
    sales: str


class ViewRow(msgspec.Struct, frozen=True):
    """A row to write: its table and its attributes."""

    table: str
    item: Item


class ReadModel(msgspec.Struct, frozen=True):
    """Write access to the tables."""

    dynamodb: "DynamoDBClient"
    tables: Tables
    sales_shards: int = 1

    def listed(self, customer_id: str, *, at: str, order_id: str) -> ViewRow:
        """Return the order's row in the list of its customer, sorted by the time it was placed."""
        return ViewRow(self.tables.listings, texts(customer_id=customer_id, position=position(at, order_id)))

    def sold(self, order_id: str, *, day: str) -> ViewRow:
        """Return the order's row among those that were shipped on the day, in UTC."""
        partition = sales_partitions(day)[shard_of_sale(order_id, self.sales_shards)]
        return ViewRow(self.tables.sales, texts(day=partition, order_id=order_id))

    def write(self, rows: Sequence[ViewRow]) -> list[ViewRow]:
        """Put the rows, each once, in as few requests as possible; return those that DynamoDB left."""
        left: list[ViewRow] = []
        wanted = list({(row.table, *map(str, row.item.values())): row for row in rows}.values())
        for start in range(0, len(wanted), MAXIMUM_BATCH):
            requests: dict[str, list[WriteRequestTypeDef]] = {}
            for row in wanted[start : start + MAXIMUM_BATCH]:
                requests.setdefault(row.table, []).append({"PutRequest": {"Item": row.item}})
            response = self.dynamodb.batch_write_item(RequestItems=requests)
            left += [
                ViewRow(table, request["PutRequest"]["Item"])
                for table, unwritten in response["UnprocessedItems"].items()
                for request in unwritten
            ]
        return left


def sales_partitions(day: str) -> list[str]:
    """Return every partition key that orders of the day may have; the first one is the day itself."""
    return [day, *(f"{day}#{shard}" for shard in range(1, MAXIMUM_SALES_SHARDS))]


def shard_of_sale(order_id: str, shards: int) -> int:
    """Return the order's shard, the same for every delivery while the number of shards stays."""
    return crc32(order_id.encode()) % shards


def position(at: str, order_id: str) -> str:
    """Return the sort key in the list of a customer: the time, then the id."""
    return f"{at}#{order_id}"
