"""A customer's orders from the read model, from the HTTP API and from partners.

The HTTP API lists orders only for a customer's token, and a partner's customers have none.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from cli.core.account import LOOK, Account, aws_errors
from cli.core.backoff import attempts
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.orders.authentication import user_pools
from functions.views.domain import Milestone, Progress, payment, status, updated_at
from functions.views.listing import Summary
from functions.views.store import progress_of
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VIEWS = "views"
MAX_KEYS = 100
"""The maximum of BatchGetItem."""


def orders_of_customer(account: Account, customer: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the customer's newest orders, each as `GET /orders` shows it."""
    if not customer:
        raise CommandError("--customer is empty.", hint="Use an id like ada.", code=ExitCode.USAGE)
    with aws_errors(hint=LOOK):
        dynamodb, names = account.client("dynamodb"), account.names
        positions = [
            position
            for each in _ids(account, customer)
            for position in islice(_positions(dynamodb, names, each), limit)
        ]
        newest = [each.rpartition("#")[2] for each in sorted(positions, reverse=True)[:limit]]
        known = {progress.order_id: progress for progress in _progress(dynamodb, names, newest)}
    found = [_summary(known[order]) for order in newest if order in known]
    return [to_builtins(each) for each in found if each is not None]


def _ids(account: Account, customer: str) -> list[str]:
    """Return the id, and offline also the id of the user of `orders place --customer`."""
    ids = [customer]
    if account.is_offline:
        cognito = account.client("cognito-idp")
        for pool in user_pools(account):
            with suppress(cognito.exceptions.UserNotFoundException):
                user = cognito.admin_get_user(UserPoolId=pool, Username=f"{customer}@example.com")
                ids += [each["Value"] for each in user["UserAttributes"] if each["Name"] == "sub"]
    return list(dict.fromkeys(ids))


def _positions(dynamodb: "DynamoDBClient", names: Names, customer: str) -> Iterator[str]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=names.table(VIEWS, "listings"),
        KeyConditionExpression="customer_id = :customer",
        ExpressionAttributeValues={":customer": {"S": customer}},
        ScanIndexForward=False,
        ConsistentRead=True,
    )
    return (item["position"]["S"] for page in pages for item in page["Items"])


def _progress(dynamodb: "DynamoDBClient", names: Names, orders: Sequence[str]) -> Iterator[Progress]:
    table = names.table(VIEWS, "progress")
    for start in range(0, len(orders), MAX_KEYS):
        keys = [{"order_id": {"S": order}} for order in orders[start : start + MAX_KEYS]]
        pending: Any = {table: {"Keys": keys, "ConsistentRead": True}}
        for _ in attempts():
            response = dynamodb.batch_get_item(RequestItems=pending)
            yield from map(progress_of, response["Responses"].get(table, []))
            pending = response["UnprocessedKeys"]
            if not pending:
                break


def _summary(progress: Progress) -> Summary | None:
    """Return the order as the API shows it; None until the read model has its creation."""
    if progress.placed is None or Milestone.CREATED not in progress.steps:
        return None
    cancelled, shipped = progress.steps.get(Milestone.CANCELLED), progress.steps.get(Milestone.SHIPPED)
    return Summary(
        order_id=progress.order_id,
        status=status(progress),
        placed_at=progress.steps[Milestone.CREATED].at,
        updated_at=updated_at(progress),
        lines=progress.placed.lines,
        total=progress.placed.total,
        payment=payment(progress),
        cancellation_reason=cancelled.detail if cancelled else None,
        tracking_number=shipped.detail if shipped else None,
    )
