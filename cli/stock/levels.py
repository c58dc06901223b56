"""The stock of each SKU: read, list, and set reorder levels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stock.delivery_note import NoteLine
from functions.contracts import heartbeat
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INVENTORY, STOCK = "inventory", "stock"


@dataclass(slots=True, kw_only=True)
class SkuStock:
    """The stock of one SKU, summed over its rows."""

    sku: str
    available: int = 0
    rows: int = 0
    reorder_level: int | None = None
    replenishments: int = 0
    """The number of replenishments so far."""
    synthetic: bool = False
    """Whether it is the SKU of the heartbeat, which no customer can buy."""


def list_stock(account: Account, *, as_json: bool) -> ExitCode:
    """Print the stock of every SKU."""
    with aws_errors(hint=LOOK):
        found = stock_by_sku(account.client("dynamodb"), account.names)
    if as_json:
        write_json([asdict(stock) for stock in found.values()])
    else:
        terminal().print_table(
            ("SKU", "for sale", "rows", "reorder level"),
            map(_cells, found.values()),
            title="Stock",
            right=frozenset({1, 2, 3}),
        )
    return ExitCode.OK


def stock_by_sku(dynamodb: "DynamoDBClient", names: Names) -> dict[str, SkuStock]:
    """Return the stock of every SKU, sorted; scan the whole table."""
    found: dict[str, SkuStock] = {}
    for item in _rows(dynamodb, names):
        # A sharded SKU has more rows, SKU#1 and so on (docs/decisions/0021).
        sku = item["sku"]["S"].partition("#")[0]
        stock = found.setdefault(sku, SkuStock(sku=sku, synthetic=sku == heartbeat.SKU))
        stock.rows += 1
        stock.available += int(item["available"]["N"]) if "available" in item else 0
        stock.replenishments += int(item["replenishments"]["N"]) if "replenishments" in item else 0
        if "reorder_level" in item:
            stock.reorder_level = int(item["reorder_level"]["N"])
    return dict(sorted(found.items()))


def set_reorder_levels(dynamodb: "DynamoDBClient", names: Names, note: Iterable[NoteLine]) -> None:
    """Write the note's reorder levels; a level is a setting, not a fact."""
    for line in note:
        if line.reorder_level is not None:
            dynamodb.update_item(
                TableName=names.table(INVENTORY, STOCK),
                Key={"sku": {"S": line.sku}},
                UpdateExpression="SET reorder_level = :level",
                ExpressionAttributeValues={":level": {"N": str(line.reorder_level)}},
            )


def level_cell(reorder_level: int | None) -> str:
    """Return the table cell of a reorder level."""
    return "" if reorder_level is None else str(reorder_level)


def _rows(dynamodb: "DynamoDBClient", names: Names) -> Iterator[Mapping[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=names.table(INVENTORY, STOCK), ConsistentRead=True
    )
    for page in pages:
        yield from page["Items"]


def _cells(stock: SkuStock) -> tuple[str, ...]:
    sku = f"{stock.sku} (synthetic)" if stock.synthetic else stock.sku
    return sku, str(stock.available), str(stock.rows), level_cell(stock.reorder_level)
