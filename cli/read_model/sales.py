"""`orderbus views sales`: the units and revenue of each SKU shipped on a day."""

from collections.abc import Iterator
from time import sleep
from typing import TYPE_CHECKING

from msgspec import to_builtins

from cli.core.account import LOOK, Account, aws_errors
from cli.core.event_log_reader import FactLog
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.read_model.rebuild import view_tables
from functions.contracts.orders import OrderCreated
from functions.views.domain import Total, sales, totals
from functions.views.store import sales_partitions
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CREATION = (OrderCreated.owner, OrderCreated.decision)
HEADERS = ("SKU", "units", "revenue (minor units)", "currency")


def show_sales(account: Account, day: str, *, as_json: bool) -> ExitCode:
    """Print the sales of a day by SKU."""
    with aws_errors(hint=LOOK):
        sold = sales_on(account.client("dynamodb"), account.names, day)
    if as_json:
        write_json([to_builtins(total) for total in sold])
    else:
        terminal().print_table(
            HEADERS, map(_cells, sold), title=f"Shipped on {day}, UTC", right=frozenset({1, 2})
        )
    return ExitCode.OK


def sales_on(dynamodb: "DynamoDBClient", names: Names, day: str) -> list[Total]:
    """Return the totals of a day by SKU and currency, from the creations of the orders shipped on it."""
    orders = sorted(
        {order_id for partition in sales_partitions(day) for order_id in _sold(dynamodb, names, partition)}
    )
    log = FactLog(dynamodb=dynamodb, names=names, sleep=sleep)
    created = (event.fact for event in log.events(orders, [CREATION]))
    return totals(sale for fact in created if isinstance(fact, OrderCreated) for sale in sales(fact))


def _sold(dynamodb: "DynamoDBClient", names: Names, partition: str) -> Iterator[str]:
    """Yield the orders of one partition; an order is in two if it was projected again with other shards."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=view_tables(names).sales,
        KeyConditionExpression="#day = :day",
        ExpressionAttributeNames={"#day": "day"},
        ExpressionAttributeValues={":day": {"S": partition}},
    )
    return (item["order_id"]["S"] for page in pages for item in page["Items"])


def _cells(total: Total) -> tuple[str, ...]:
    return total.sku, str(total.units), str(total.revenue), total.currency
