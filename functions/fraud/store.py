"""The judgements of orders, and the order counts and countries of customers.

One transaction writes a judgement and adds to the past of the customer, on condition that there is no
judgement yet. So each order counts once. See docs/decisions/0015.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from functions.contracts.fraud import FraudSuspected
from functions.contracts.orders import OrderCreated
from functions.fraud.domain import Past
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.event_log import Appended, RefusedError, event_log, whole
from functions.shared.event_store.powertools_layer import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import CONDITION_FAILED, cancellation_reasons, retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

COUNTRIES = "countries"
COUNTRIES_KEPT = timedelta(days=365)
"""Retention of the countries of a customer after the last cleared order."""


def past_of(order: OrderCreated, *, at: datetime) -> Past:
    """Read the past of the customer, in one request."""
    table, hour = required("CUSTOMERS_TABLE"), hour_of(at)
    keys = [texts(customer_id=order.customer.id, record=record) for record in (hour, COUNTRIES)]
    response = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    found = {item["record"]["S"]: item for item in whole(response)[table]}
    return Past(
        orders=int(found[hour]["orders"]["N"]) if hour in found else 0,
        countries=frozenset(found[COUNTRIES]["countries"]["SS"] if COUNTRIES in found else ()),
    )


def commit_clearance(order: OrderCreated, *, at: datetime, most: int) -> bool:
    """Clear and count the order; return False if the hour has reached `most` meanwhile."""
    changes = [_judged(order, "cleared"), _counted_below(most, order, at), _known_country(order, at)]
    try:
        retries().run(lambda: dynamodb().transact_write_items(TransactItems=changes))
    except dynamodb().exceptions.TransactionCanceledException as cancelled:
        failed = cancellation_reasons(cancelled)
        if failed[0] == CONDITION_FAILED:
            return True  # judged before, and counted then
        if failed[1] == CONDITION_FAILED:
            return False
        raise
    return True


def commit_suspicion(
    suspected: FraudSuspected, order: OrderCreated, *, at: datetime, cause: Cause
) -> Appended | None:
    """Publish the suspicion and count the order, unless it was judged before."""
    try:
        return event_log().append(
            suspected, cause=cause, changes=[_judged(order, "suspected"), _counted(order, at)]
        )
    except RefusedError:
        # The order was cleared: a suspicion would have its fact in the log.
        return None


def hour_of(at: datetime) -> str:
    """Return the key of the record that counts the orders of that hour."""
    return f"orders#{at.astimezone(UTC):%Y-%m-%dT%H}Z"


def _judged(order: OrderCreated, verdict: str) -> "TransactWriteItemTypeDef":
    return {
        "Put": {
            "TableName": required("JUDGEMENTS_TABLE"),
            "Item": texts(order_id=order.order_id, verdict=verdict),
            "ConditionExpression": "attribute_not_exists(order_id)",
        }
    }


def _counted(order: OrderCreated, at: datetime) -> "TransactWriteItemTypeDef":
    """Count in the hour of the order, not of its arrival: replayed orders are no burst."""
    return {
        "Update": {
            "TableName": required("CUSTOMERS_TABLE"),
            "Key": texts(customer_id=order.customer.id, record=hour_of(at)),
            "UpdateExpression": "SET expires_at = :expires ADD orders :one",
            "ExpressionAttributeValues": {":one": number(1), ":expires": _after(at, REMEMBERED)},
        }
    }


def _counted_below(most: int, order: OrderCreated, at: datetime) -> "TransactWriteItemTypeDef":
    update = _counted(order, at)["Update"]
    return {
        "Update": {
            **update,
            "ConditionExpression": "attribute_not_exists(orders) OR orders < :most",
            "ExpressionAttributeValues": {**update["ExpressionAttributeValues"], ":most": number(most)},
        }
    }


def _known_country(order: OrderCreated, at: datetime) -> "TransactWriteItemTypeDef":
    """Add the country of a cleared order only, not of a suspected one."""
    return {
        "Update": {
            "TableName": required("CUSTOMERS_TABLE"),
            "Key": texts(customer_id=order.customer.id, record=COUNTRIES),
            "UpdateExpression": "SET expires_at = :expires ADD countries :country",
            "ExpressionAttributeValues": {
                ":country": {"SS": [order.ship_to.country]},
                ":expires": _after(at, COUNTRIES_KEPT),
            },
        }
    }


def _after(at: datetime, kept: timedelta) -> dict[str, str]:
    return number(int((at + kept).timestamp()))
