"""The read model's tables: a row for each order, one for each customer's order, one for each article sold.

Every write is a pure function of facts that never change and has a key or an attribute of its own, so that
writing again, in any order and at the same time as others, leaves the same rows: there is nothing to guard.
See docs/decisions/0014-the-read-model-counts-nothing.md.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from functions.shared.event_store.attributes import Item, number, text, texts
from functions.views.domain import Mark, Placed, Progress, Sale, Step

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestTypeDef

MAXIMUM_BATCH = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""


class PartialWriteError(RuntimeError):
    """DynamoDB was too busy to take all of a batch; writing it again is safe."""


class Tables(msgspec.Struct, frozen=True, kw_only=True):
    """The names of the read model's tables."""

    progress: str
    listings: str
    sales: str


class ReadModel(msgspec.Struct, frozen=True):
    """The tables, to be written."""

    dynamodb: "DynamoDBClient"
    tables: Tables

    def note(self, order_id: str, mark: Mark, step: Step, placed: Placed | None = None) -> Progress:
        """Add one step to what is known of the order; answers all that is known now.

        The answer is the row as this very update left it: of two facts noted at the same time, whichever
        DynamoDB takes second sees both.
        """
        known = {mark: _json(step)} | ({"placed": _json(placed)} if placed else {})
        answer = self.dynamodb.update_item(
            TableName=self.tables.progress,
            Key=texts(order_id=order_id),
            UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in known),
            ExpressionAttributeNames={f"#{name}": name for name in known},
            ExpressionAttributeValues={f":{name}": text(value) for name, value in known.items()},
            ReturnValues="ALL_NEW",
        )
        return progress_of(answer["Attributes"])

    def list_order(self, customer_id: str, *, at: str, order_id: str) -> None:
        """Put the order on its customer's list, where the moment it was placed gives it its place."""
        row = texts(customer_id=customer_id, position=position(at, order_id))
        self.dynamodb.put_item(TableName=self.tables.listings, Item=row)

    def sell(self, sales: Sequence[Sale]) -> None:
        """Write the sales down; raises `PartialWriteError` where DynamoDB did not take all of them."""
        rows: list[WriteRequestTypeDef] = [{"PutRequest": {"Item": _row(sale)}} for sale in sales]
        for batch in _batches(rows):
            answer = self.dynamodb.batch_write_item(RequestItems={self.tables.sales: batch})
            if answer["UnprocessedItems"]:
                raise PartialWriteError("DynamoDB took only part of a batch")


def position(at: str, order_id: str) -> str:
    """An order's place in its customer's list: by the moment, then by the id."""
    return f"{at}#{order_id}"


def progress_of(item: Item) -> Progress:
    """What an order's row says."""
    return Progress(
        order_id=item["order_id"]["S"],
        placed=msgspec.json.decode(item["placed"]["S"], type=Placed) if "placed" in item else None,
        steps={mark: msgspec.json.decode(item[mark]["S"], type=Step) for mark in Mark if mark in item},
    )


def sale_of(item: Item) -> Sale:
    """What a row of the sales says."""
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
    """The article first, so that one article's sales of a day stand together."""
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
