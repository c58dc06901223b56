"""The rows of the contacts table: the address of each order, and the emails that were sent to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec

from functions.shared.event_store.attributes import Item, number, text, texts
from functions.shared.event_store.idempotency import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required

MAXIMUM_ORDER_AGE = timedelta(days=90)
"""Time from the creation of an order to its last email."""
CONTACT_RETENTION = MAXIMUM_ORDER_AGE + REMEMBERED
"""Retention of an address and its records: longer than any email of the order can be due."""

MUTED = "muted"
"""The attribute of a row whose order sends no email: its address has too many."""
REJECTED = "rejected"
"""The attribute of a row whose order sends no email but its receipt: it was rejected as fraud."""


class Unrecorded(msgspec.Struct):
    """Emails of an order that are not recorded yet: each event's id with its digest."""

    address: str
    flags: set[str] = msgspec.field(default_factory=set)
    """`MUTED`, `REJECTED`, both or none."""
    digests: dict[str, str] = msgspec.field(default_factory=dict)

    def attributes(self) -> Item:
        """Return what the row will have."""
        return {**texts(email=self.address, **self.digests), **{flag: {"BOOL": True} for flag in self.flags}}


def new_row(order_id: str, address: str) -> Item:
    """Return the row of an order without an email."""
    return {**texts(order_id=order_id, email=address), "expires_at": _expiry()}


def address_in(row: Item) -> str | None:
    """Return the address, or None if the order has no row."""
    return row["email"]["S"] if row else None


def read(order_id: str) -> Item:
    """Return the row of the order; empty if there is none."""
    response = dynamodb().get_item(
        TableName=required("CONTACTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    return response.get("Item", {})


def read_all(order_ids: Iterable[str]) -> dict[str, Item]:
    """Return the rows by order, empty if there is none; leave out those that DynamoDB did not process."""
    table = required("CONTACTS_TABLE")
    keys = [texts(order_id=order_id) for order_id in sorted(order_ids)]
    response = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    unread = {key["order_id"]["S"] for key in response["UnprocessedKeys"].get(table, {"Keys": []})["Keys"]}
    return {
        **dict.fromkeys(set(order_ids) - unread, cast("Item", {})),
        **{row["order_id"]["S"]: row for row in response["Responses"][table]},
    }


def record(order_id: str, sent: Unrecorded) -> int:
    """Add the records to the row; return how many of the emails another delivery had recorded before."""
    names = {f"#{place}": event_id for place, event_id in enumerate(sent.digests)}
    values: dict[str, Any] = {f":{place}": text(digest) for place, digest in enumerate(sent.digests.values())}
    clauses = [f"#{place} = if_not_exists(#{place}, :{place})" for place in range(len(names))]
    if sent.flags:
        clauses += [f"{flag} = :true" for flag in sorted(sent.flags)]
        values[":true"] = {"BOOL": True}
    response = dynamodb().update_item(
        TableName=required("CONTACTS_TABLE"),
        Key=texts(order_id=order_id),
        # The person may have been erased since the row was read.
        UpdateExpression=f"SET {', '.join(clauses)}, email = if_not_exists(email, :address),"
        " expires_at = if_not_exists(expires_at, :expires)",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={**values, ":address": text(sent.address), ":expires": _expiry()},
        ReturnValues="ALL_OLD",
    )
    return sum(event_id in response.get("Attributes", {}) for event_id in sent.digests)


def _expiry() -> dict[str, str]:
    return number(int((datetime.now(UTC) + CONTACT_RETENTION).timestamp()))
