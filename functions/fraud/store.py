"""The orders of each customer by clock hour: their ids, and the countries of those that were cleared.

One row is the counter, the record of judged orders and the customer's past. A cleared order is added by one
conditional update; a suspected one in the transaction of its event. So each order counts once. A row takes
no order once its hour is full, so it stays below one write unit. See docs/decisions/0041.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import OrderCreated
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.attributes import number, text, texts
from functions.shared.event_store.event_log import Appended, Change, RefusedError, event_log
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef

HOURS = "orders#"
KEPT = timedelta(days=365)
"""Retention of a row after its hour; longer than a message or an archived event can come again."""
PAGE_ROWS = 100
NOT_COUNTED = "NOT contains(orders, :order)"
NOT_FULL = "(attribute_not_exists(orders) OR size(orders) < :most)"


def countries_of(order: OrderCreated) -> frozenset[str]:
    """Return countries of cleared orders, the latest hours first, up to the one of this order."""
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            TableName=required("CUSTOMERS_TABLE"),
            KeyConditionExpression="customer_id = :customer AND begins_with(#record, :hours)",
            ProjectionExpression="countries",
            ExpressionAttributeNames={"#record": "record"},
            ExpressionAttributeValues=texts(**{":customer": order.customer_id, ":hours": HOURS}),
            ScanIndexForward=False,
            ConsistentRead=True,
            PaginationConfig={"PageSize": PAGE_ROWS},
        )
    )
    found: set[str] = set()
    for page in pages:
        found.update(*(row["countries"]["SS"] for row in page["Items"] if row))
        if order.ship_to.country in found:
            break
    return frozenset(found)


def counted(order: OrderCreated, *, at: datetime) -> frozenset[str]:
    """Return the ids of the customer's orders that count in that hour."""
    response = dynamodb().get_item(
        TableName=required("CUSTOMERS_TABLE"), Key=_key(order, at), ConsistentRead=True
    )
    return frozenset(response["Item"]["orders"]["SS"] if "Item" in response else ())


def commit_clearance(order: OrderCreated, *, at: datetime, most: int) -> bool:
    """Clear and count the order, unless it was judged before; return False if the hour has `most` orders.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
    """
    values: dict[str, UniversalAttributeValueTypeDef] = {
        **_values(order, at),
        ":country": {"SS": [order.ship_to.country]},
        ":most": number(most),
    }
    try:
        retries().run(
            lambda: dynamodb().update_item(
                TableName=required("CUSTOMERS_TABLE"),
                Key=_key(order, at),
                UpdateExpression="SET expires_at = :expires ADD orders :orders, countries :country",
                ConditionExpression=f"{NOT_COUNTED} AND {NOT_FULL}",
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException as failed:
        row = cast("dict[str, Any]", failed.response)["Item"]
        return order.order_id in row["orders"]["SS"]
    return True


def commit_suspicion(
    suspected: FraudSuspected, order: OrderCreated, *, at: datetime, cause: Cause, counts: bool
) -> Appended | None:
    """Publish the suspicion, and count the order if it `counts`, unless it was judged before."""
    changes = [_counted(order, at)] if counts else []
    try:
        return event_log().append(suspected, cause=cause, changes=changes)
    except RefusedError:
        # The order was cleared: a suspicion would have its fact in the log.
        return None


def hour_of(at: datetime) -> str:
    """Return the key of the row of that hour."""
    return f"{HOURS}{at.astimezone(UTC):%Y-%m-%dT%H}Z"


def _counted(order: OrderCreated, at: datetime) -> Change:
    """Add no country: only a cleared order makes its country known."""
    return {
        "Update": {
            "TableName": required("CUSTOMERS_TABLE"),
            "Key": _key(order, at),
            "UpdateExpression": "SET expires_at = :expires ADD orders :orders",
            "ConditionExpression": NOT_COUNTED,
            "ExpressionAttributeValues": _values(order, at),
        }
    }


def _key(order: OrderCreated, at: datetime) -> dict[str, dict[str, str]]:
    """Name the hour of the order, not of its arrival: replayed orders are no burst."""
    return texts(customer_id=order.customer_id, record=hour_of(at))


def _values(order: OrderCreated, at: datetime) -> "dict[str, UniversalAttributeValueTypeDef]":
    hour_ends = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {
        ":order": text(order.order_id),
        ":orders": {"SS": [order.order_id]},
        ":expires": number(int((hour_ends + KEPT).timestamp())),
    }
