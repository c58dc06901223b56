"""The orders of an hour whose emails go to one address, from all customers.

A row of the contacts table holds the orders of one address and clock hour; its key has the address as a
hash. A full row takes no further order: those orders send no email, so nobody can be mail-bombed.
See docs/decisions/0060-emails-to-one-address-are-limited.md.

One transaction counts the order and makes the order's row; if there is one already, its condition fails and
returns it. So an order is counted once, and its row needs no read
(docs/decisions/0054-one-request-for-several-messages.md).
"""

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from functions.shared.event_store.attributes import Item, number, text, texts
from functions.shared.event_store.idempotency import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import CONDITION_FAILED, retries

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import PutTypeDef, TransactWriteItemTypeDef, UpdateTypeDef

ORDERS_PER_ADDRESS_AND_HOUR = 20
"""The number of orders that fraud clears for one customer; an order sends at most four emails."""


def admit(row: Item, *, at: datetime) -> Item | None:
    """Put the order's first row and count the order to its address and hour.

    Return the row, or the one that the order has already; None if the hour is full without the order.
    """
    order_id, address = row["order_id"]["S"], row["email"]["S"]
    items: list[TransactWriteItemTypeDef] = [{"Put": _new(row)}, {"Update": _count(order_id, address, at)}]
    try:
        retries().run(lambda: dynamodb().transact_write_items(TransactItems=items))
    except ClientError as error:
        reasons = cast("dict[str, Any]", error.response).get("CancellationReasons", [])
        codes = [reason["Code"] for reason in reasons]
        if codes[:1] == [CONDITION_FAILED]:
            earlier: Item = reasons[0]["Item"]
            return earlier
        if codes == ["None", CONDITION_FAILED]:
            return None
        raise
    return row


def row_of(address: str, at: datetime) -> str:
    """Return the key of the row; spellings that reach one mailbox, in case or after a plus, share it."""
    mailbox, _, domain = address.casefold().rpartition("@")
    digest = hashlib.sha256(f"{mailbox.partition('+')[0]}@{domain}".encode()).hexdigest()
    return f"address#{digest}#{at.astimezone(UTC):%Y-%m-%dT%H}Z"


def _new(row: Item) -> "PutTypeDef":
    return {
        "TableName": required("CONTACTS_TABLE"),
        "Item": row,
        "ConditionExpression": "attribute_not_exists(order_id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _count(order_id: str, address: str, at: datetime) -> "UpdateTypeDef":
    return {
        "TableName": required("CONTACTS_TABLE"),
        "Key": texts(order_id=row_of(address, at)),
        "UpdateExpression": "SET expires_at = :expires ADD orders :orders",
        "ConditionExpression": "attribute_not_exists(orders) OR contains(orders, :order)"
        " OR size(orders) < :most",
        "ExpressionAttributeValues": {
            ":order": text(order_id),
            ":orders": {"SS": [order_id]},
            ":most": number(ORDERS_PER_ADDRESS_AND_HOUR),
            ":expires": number(int((at + REMEMBERED).timestamp())),
        },
    }
