"""How many orders a customer may place in a minute over the HTTP API.

An order is counted in its own transaction, so a repeated request counts nothing, and no order is created
uncounted. Partners place orders for their own customers, and have no limit here
(docs/decisions/0080-orders-of-one-customer-are-limited.md).
"""

from datetime import UTC, datetime, timedelta

from functions.shared.event_store.attributes import number, text
from functions.shared.event_store.event_log import Change
from functions.shared.runtime.environment import required

MINUTE = timedelta(minutes=1)
KEPT_SECONDS = 3600
"""Long after the minute: DynamoDB may be late to delete, and a late clock must find the count."""


def within_limit(customer_id: str, now: datetime) -> Change:
    """Return a change that counts an order; its condition fails if the customer's minute is full."""
    return {
        "Update": {
            "TableName": required("PLACEMENTS_TABLE"),
            "Key": {"customer_minute": text(f"{customer_id}#{now.astimezone(UTC):%Y-%m-%dT%H:%M}Z")},
            "UpdateExpression": "ADD placed :one SET expires_at = :expires",
            "ConditionExpression": "attribute_not_exists(placed) OR placed < :most",
            "ExpressionAttributeValues": {
                ":one": number(1),
                ":most": number(int(required("ORDERS_PER_MINUTE"))),
                ":expires": number(int(now.timestamp()) + KEPT_SECONDS),
            },
        }
    }


def seconds_left(now: datetime) -> int:
    """Return the seconds until the next minute, at least one."""
    return 60 - now.second
