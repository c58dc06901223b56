"""A customer's orders from the read model, through whichever entry point they came.

The HTTP API shows orders only to the holder of the customer's token, and a partner's customers have none.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from cli.core.account import LOOK, Account, aws_errors
from cli.core.backoff import tries
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from functions.views.domain import Mark, Progress, payment, status, updated_at
from functions.views.listing import Summary
from functions.views.store import progress_of
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VIEWS = "views"
AT_ONCE = 100
"""What BatchGetItem takes at most."""


def orders_of_customer(account: Account, customer: str, *, limit: int) -> list[dict[str, Any]]:
    """Return the customer's newest orders, each as `GET /orders` shows it."""
    if not customer:
        raise CommandError("--customer is empty.", hint="It is an id like ada.", code=ExitCode.USAGE)
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
    """The id, and offline also that of the user whom `orders place --customer` signs in."""
    ids = [customer]
    if account.is_offline:
        cognito = account.client("cognito-idp")
        pools = cognito.list_user_pools(MaxResults=60)["UserPools"]
        for pool in (each["Id"] for each in pools if each["Name"] == account.names.of("customers")):
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
    for start in range(0, len(orders), AT_ONCE):
        keys = [{"order_id": {"S": order}} for order in orders[start : start + AT_ONCE]]
        pending: Any = {table: {"Keys": keys, "ConsistentRead": True}}
        for _ in tries():
            response = dynamodb.batch_get_item(RequestItems=pending)
            yield from map(progress_of, response["Responses"].get(table, []))
            pending = response["UnprocessedKeys"]
            if not pending:
                break


def _summary(progress: Progress) -> Summary | None:
    """The order as the API shows it; nothing of one whose creation the read model does not know yet."""
    if progress.placed is None or Mark.CREATED not in progress.steps:
        return None
    cancelled, shipped = progress.steps.get(Mark.CANCELLED), progress.steps.get(Mark.SHIPPED)
    return Summary(
        order_id=progress.order_id,
        status=status(progress),
        placed_at=progress.steps[Mark.CREATED].at,
        updated_at=updated_at(progress),
        lines=progress.placed.lines,
        total=progress.placed.total,
        payment=payment(progress),
        cancellation_reason=cancelled.detail if cancelled else None,
        tracking_number=shipped.detail if shipped else None,
    )
