"""The read model's tables: orders by customer, and shipped orders by day.

A row says where an order belongs; what the order is, the event log says. Every write is a pure function of
one immutable fact, with a key of its own: repeated, reordered and concurrent writes leave the same rows.
See docs/decisions/0044-the-read-model-is-two-lists.md.
"""

from typing import TYPE_CHECKING

import msgspec

from functions.shared.event_store.attributes import texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the read model's tables."""

    listings: str
    sales: str


class ReadModel(msgspec.Struct, frozen=True):
    """Write access to the tables."""

    dynamodb: "DynamoDBClient"
    tables: Tables

    def list_order(self, customer_id: str, *, at: str, order_id: str) -> None:
        """Add the order to the list of its customer, sorted by the time it was placed."""
        row = texts(customer_id=customer_id, position=position(at, order_id))
        self.dynamodb.put_item(TableName=self.tables.listings, Item=row)

    def sell(self, order_id: str, *, day: str) -> None:
        """Add the order to those that were shipped on the day, in UTC."""
        self.dynamodb.put_item(TableName=self.tables.sales, Item=texts(day=day, order_id=order_id))


def position(at: str, order_id: str) -> str:
    """Return the sort key in the list of a customer: the time, then the id."""
    return f"{at}#{order_id}"
