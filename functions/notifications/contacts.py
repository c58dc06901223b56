"""The contacts table: the address of each order, and the emails that were sent to it.

`Contacts` is a Powertools persistence layer. In progress looks at the row, which has the address too; the
rows of a batch are read together. Completed adds the event's id with its digest, after the email was sent; a
duplicate finds it. See docs/decisions/0040-the-record-is-written-once.md.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, cast

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from functions.shared.event_store.attributes import Item, number, texts
from functions.shared.event_store.idempotency import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.telemetry import telemetry_of

MAXIMUM_ORDER_AGE = timedelta(days=90)
"""Time from the creation of an order to its last email."""
CONTACT_RETENTION = MAXIMUM_ORDER_AGE + REMEMBERED
"""Retention of an address and its records: longer than any email of the order can be due."""

MUTED = "muted"
"""The attribute of a row whose order sends no email any more."""


class UnknownContactError(NotYetError):
    """The first event of the order has not arrived yet; retry later."""


@cache
def contacts() -> "Contacts":
    """Return the function's one instance."""
    return Contacts()


class Contacts(BasePersistenceLayer):
    """The rows of a batch's orders, and the address for the message at hand."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Powertools 3.37
        self._expected: frozenset[str] = frozenset()
        self._rows: dict[str, Item] = {}
        self._order_id = ""
        self._address: str | None = None
        self._is_muted = False

    def expect(self, order_ids: Iterable[str], /) -> None:
        """Read the rows of these orders together, when the first message needs one."""
        self._expected, self._rows = frozenset(order_ids), {}

    def use(self, address: str) -> None:
        """Use this address; it is stored with the record of the email."""
        self._address = address

    @property
    def is_muted(self) -> bool:
        """Whether the order sends no email any more."""
        return self._is_muted

    def has_record_of(self, event_id: str) -> bool:
        """Whether the email of that event was sent."""
        return event_id in self._row()

    def mute(self) -> None:
        """Send no email about the order from now on; the record of its event says so."""
        self._is_muted = True

    def address(self) -> str:
        """Return the address of the customer; raise `UnknownContactError` if it is unknown so far."""
        if self._address is None:
            # Another invocation may have stored it since the batch began.
            self._address = _address_in(_read(self._order_id))
        if self._address is None:
            raise UnknownContactError("no contact for this order yet")
        return self._address

    def _get_hashed_idempotency_key(self, data: dict[str, Any]) -> str:
        """Return the order and the event, which name a row and its attribute; so neither is hashed."""
        return f"{data['subject']}#{data['event_id']}"

    def _put_record(self, data_record: DataRecord) -> None:
        """Look at the row; raise `IdempotencyItemAlreadyExistsError` if the email was sent."""
        self._order_id, event_id = _order_and_event(data_record)
        row = self._row()
        self._address, self._is_muted = _address_in(row), MUTED in row
        if event_id in row:
            sent = DataRecord(
                idempotency_key=data_record.idempotency_key,
                status="COMPLETED",
                payload_hash=row[event_id]["S"],
            )
            self._validate_payload(data_payload=data_record, stored_data_record=sent)
            raise IdempotencyItemAlreadyExistsError(old_data_record=sent)

    def _update_record(self, data_record: DataRecord) -> None:
        """Record that the email was sent; count it if another delivery has sent it meanwhile."""
        event_id, address = _order_and_event(data_record)[1], self.address()
        expires = datetime.now(UTC) + CONTACT_RETENTION
        muted: Item = {MUTED: {"BOOL": True}} if self._is_muted else {}
        record: Item = {**texts(**{event_id: data_record.payload_hash, "email": address}), **muted}
        try:
            dynamodb().update_item(
                TableName=required("CONTACTS_TABLE"),
                Key=texts(order_id=self._order_id),
                UpdateExpression="SET #event = :digest, email = :address,"
                " expires_at = if_not_exists(expires_at, :expires)"
                + (f", {MUTED} = :muted" if self._is_muted else ""),
                ConditionExpression="attribute_not_exists(#event)",
                ExpressionAttributeNames={"#event": event_id},
                ExpressionAttributeValues={
                    ":digest": record[event_id],
                    ":address": record["email"],
                    ":expires": number(int(expires.timestamp())),
                    **({":muted": record[MUTED]} if self._is_muted else {}),
                },
            )
        except dynamodb().exceptions.ConditionalCheckFailedException:
            telemetry_of("notifications").count("EmailSentTwice")
        self._rows[self._order_id] = {**self._row(), **record}

    def _delete_record(self, data_record: DataRecord) -> None:
        """Delete nothing: a failed reaction has left no record."""

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Raise always; a duplicate has brought its record with it."""
        raise IdempotencyItemNotFoundError(idempotency_key)

    def _row(self) -> Item:
        if self._expected:
            self._rows, self._expected = _read_all(self._expected), frozenset()
        if self._order_id not in self._rows:
            self._rows[self._order_id] = _read(self._order_id)
        return self._rows[self._order_id]


def _order_and_event(data_record: DataRecord) -> tuple[str, str]:
    order_id, _, event_id = data_record.idempotency_key.partition("#")
    return order_id, event_id


def _address_in(row: Item) -> str | None:
    return row["email"]["S"] if row else None


def _read(order_id: str) -> Item:
    response = dynamodb().get_item(
        TableName=required("CONTACTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    return response.get("Item", {})


def _read_all(order_ids: frozenset[str]) -> dict[str, Item]:
    """Return the rows by order, empty if there is none; leave out those that DynamoDB did not process."""
    table = required("CONTACTS_TABLE")
    keys = [texts(order_id=order_id) for order_id in sorted(order_ids)]
    response = dynamodb().batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    unread = {key["order_id"]["S"] for key in response["UnprocessedKeys"].get(table, {"Keys": []})["Keys"]}
    return {
        **dict.fromkeys(order_ids - unread, cast("Item", {})),
        **{row["order_id"]["S"]: row for row in response["Responses"][table]},
    }
