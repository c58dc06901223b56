"""The orders of an hour whose emails go to one address, from all customers.

A row of the contacts table holds the orders of one address and clock hour; its key has the address as a
hash. A full row takes no further order: those orders send no email, so nobody can be mail-bombed.
See docs/decisions/0060-emails-to-one-address-are-limited.md.
"""

import hashlib
from datetime import UTC, datetime

from functions.shared.event_store.attributes import number, text, texts
from functions.shared.event_store.idempotency import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries

ORDERS_PER_ADDRESS_AND_HOUR = 20
"""As many as fraud clears of one customer; an order sends at most four emails."""


def admits(address: str, order_id: str, *, at: datetime) -> bool:
    """Count the order to the address and the hour; return False if the hour is full without it."""
    try:
        retries().run(
            lambda: dynamodb().update_item(
                TableName=required("CONTACTS_TABLE"),
                Key=texts(order_id=row_of(address, at)),
                UpdateExpression="SET expires_at = :expires ADD orders :orders",
                ConditionExpression="attribute_not_exists(orders) OR contains(orders, :order)"
                " OR size(orders) < :most",
                ExpressionAttributeValues={
                    ":order": text(order_id),
                    ":orders": {"SS": [order_id]},
                    ":most": number(ORDERS_PER_ADDRESS_AND_HOUR),
                    ":expires": number(int((at + REMEMBERED).timestamp())),
                },
            )
        )
    except dynamodb().exceptions.ConditionalCheckFailedException:
        return False
    return True


def row_of(address: str, at: datetime) -> str:
    """Return the key of the row; spellings that reach one mailbox, in case or after a plus, share it."""
    mailbox, _, domain = address.casefold().rpartition("@")
    digest = hashlib.sha256(f"{mailbox.partition('+')[0]}@{domain}".encode()).hexdigest()
    return f"address#{digest}#{at.astimezone(UTC):%Y-%m-%dT%H}Z"
