"""The read model's tables: orders, orders by customer, and sales by SKU.

Every write is a pure function of immutable facts, with a key or an attribute of its own. Repeated,
reordered and concurrent writes leave the same rows, so no condition is needed.
See docs/decisions/0014-the-read-model-counts-nothing.md.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.shared.event_store.attributes import Item, number, text, texts
from functions.views.domain import Milestone, Placed, Progress, Sale, Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

MAXIMUM_BATCH = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""


class PartialWriteError(RuntimeError):
    """DynamoDB took only part of a batch; retrying is safe."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the read model's tables."""

    progress: str
    listings: str
    sales: str


class ReadModel(msgspec.Struct, frozen=True):
    """Write access to the tables."""

    dynamodb: "DynamoDBClient"
    tables: Tables

    def add_step(
        self, order_id: str, milestone: Milestone, step: Step, placed: Placed | None = None
    ) -> Progress:
        """Add one step to the order; return the updated progress.

        The result is the row after this update: of two concurrent updates, the second sees both steps.
        """
        known = {milestone: _json(step)} | ({"placed": _json(placed)} if placed else {})
        response = self.dynamodb.update_item(
            TableName=self.tables.progress,
            Key=texts(order_id=order_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in known),
            ExpressionAttributeNames={f"#{name}": name for name in known},
            ExpressionAttributeValues={f":{name}": text(value) for name, value in known.items()},
            ReturnValues="ALL_NEW",
        )
        return progress_of(response["Attributes"])

    def list_order(self, customer_id: str, *, at: str, order_id: str) -> None:
        """Add the order to the list of its customer, sorted by the time it was placed."""
        row = texts(customer_id=customer_id, position=position(at, order_id))
        self.dynamodb.put_item(TableName=self.tables.listings, Item=row)

    def sell(self, sales: Sequence[Sale]) -> None:
        """Write the sales; raise `PartialWriteError` if DynamoDB did not take all of them."""
        rows: list[WriteRequestTypeDef] = [{"PutRequest": {"Item": _row(sale)}} for sale in sales]
        for batch in _batches(rows):
            response = self.dynamodb.batch_write_item(RequestItems={self.tables.sales: batch})
            if response["UnprocessedItems"]:
                raise PartialWriteError("DynamoDB took only part of a batch")


def position(at: str, order_id: str) -> str:
    """Return the sort key in the list of a customer: the time, then the id."""
    return f"{at}#{order_id}"


def progress_of(item: Item) -> Progress:
    """Read the row of an order."""
    return Progress(
        order_id=item["order_id"]["S"],
        placed=msgspec.json.decode(item["placed"]["S"], type=Placed) if "placed" in item else None,
        steps={
            milestone: msgspec.json.decode(item[milestone]["S"], type=Step)
            for milestone in Milestone
            if milestone in item
        },
    )


def sale_of(item: Item) -> Sale:
    """Read a row of the sales."""
    return msgspec.convert(
        {
            "day": item["day"]["S"],
            "sku": item["sku"]["S"],
            "order_id": item["order_id"]["S"],
            "units": int(item["units"]["N"]),
            "revenue": {"amount": int(item["revenue"]["N"]), "currency": item["currency"]["S"]},
        },
        Sale,
    )


def _row(sale: Sale) -> dict[str, dict[str, str]]:
    """Sort by SKU, so the sales of a SKU on a day are adjacent."""
    return {
        **texts(day=sale.day, sale=f"{sale.sku}#{sale.order_id}", sku=sale.sku, order_id=sale.order_id),
        "units": number(sale.units),
        "revenue": number(sale.revenue.amount),
        "currency": text(sale.revenue.currency),
    }


def _json(value: Step | Placed) -> str:
    return msgspec.json.encode(value).decode()


def _batches(rows: "Sequence[WriteRequestTypeDef]") -> "Iterator[Sequence[WriteRequestTypeDef]]":
    for start in range(0, len(rows), MAXIMUM_BATCH):
        yield rows[start : start + MAXIMUM_BATCH]
