"""A customer's orders from the read model, from the HTTP API and from partners.

The HTTP API lists orders only for a customer's token, and a partner's customers have none.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from time import sleep
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.event_log_reader import FactLog
from cli.core.exit_codes import ExitCode
from cli.orders.authentication import user_pools
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.views.history import progress
from functions.views.listing import EVERY_STEP, summary
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VIEWS = "views"


def orders_of_customer(account: Account, customer: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the customer's newest orders, each as `GET /orders` shows it."""
    if not customer:
        raise CommandError("--customer is empty.", hint="Use an id like ada.", code=ExitCode.USAGE)
    with aws_errors(hint=LOOK):
        dynamodb, names = account.client("dynamodb"), account.names
        positions = [
            position
            for each in customer_ids(account, customer)
            for position in islice(listed_positions(dynamodb, names, each), limit)
        ]
        newest = [each.rpartition("#")[2] for each in sorted(positions, reverse=True)[:limit]]
        histories: dict[str, list[Event[Fact]]] = {order: [] for order in newest}
        for event in FactLog(dynamodb=dynamodb, names=names, sleep=sleep).events(newest, EVERY_STEP):
            histories[event.subject].append(event)
    found = [summary(progress(order, histories[order])) for order in newest]
    return [to_builtins(each) for each in found if each is not None]


def customer_ids(account: Account, customer: str) -> list[str]:
    """Return the id, and offline also the id of the user of `orders place --customer`."""
    ids = [customer]
    if account.is_offline:
        cognito = account.client("cognito-idp")
        for pool in user_pools(account):
            with suppress(cognito.exceptions.UserNotFoundException):
                user = cognito.admin_get_user(UserPoolId=pool, Username=f"{customer}@example.com")
                ids += [each["Value"] for each in user["UserAttributes"] if each["Name"] == "sub"]
    return list(dict.fromkeys(ids))


def listed_positions(dynamodb: "DynamoDBClient", names: Names, customer: str) -> Iterator[str]:
    """Yield the places of the customer's orders in the list, newest first; each ends in the order's id."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=names.table(VIEWS, "listings"),
        KeyConditionExpression="customer_id = :customer",
        ExpressionAttributeValues={":customer": {"S": customer}},
        ScanIndexForward=False,
        ConsistentRead=True,
    )
    return (item["position"]["S"] for page in pages for item in page["Items"])
