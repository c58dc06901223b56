"""The contacts table: the address of each order, and the emails that were sent to it.

`Contacts` is a Powertools persistence layer. In progress reads the row, which has the address too; completed
adds the event's id with its digest, after the email was sent; a duplicate finds it. See
docs/decisions/0040-the-record-is-written-once.md.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.powertools_layer import REMEMBERED
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.telemetry import telemetry_of

MAXIMUM_ORDER_AGE = timedelta(days=90)
"""Time from the creation of an order to its last email."""
CONTACT_RETENTION = MAXIMUM_ORDER_AGE + REMEMBERED
"""Retention of an address and its records: longer than any email of the order can be due."""


class UnknownContactError(NotYetError):
    """The first event of the order has not arrived yet; retry later."""


@cache
def contacts() -> "Contacts":
    """Return the function's one instance."""
    return Contacts()


class Contacts(BasePersistenceLayer):
    """The row of the order whose message is at hand."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Powertools 3.37
        self._address: str | None = None

    def use(self, address: str) -> None:
        """Use this address; it is stored with the record of the email."""
        self._address = address

    def address(self) -> str:
        """Return the address of the customer; raise `UnknownContactError` if it is unknown so far."""
        if self._address is None:
            raise UnknownContactError("no contact for this order yet")
        return self._address

    def _get_hashed_idempotency_key(self, data: dict[str, Any]) -> str:
        """Return the order and the event, which name a row and its attribute; so neither is hashed."""
        return f"{data['subject']}#{data['event_id']}"

    def _put_record(self, data_record: DataRecord) -> None:
        """Read the row; raise `IdempotencyItemAlreadyExistsError` if the email was sent."""
        order_id, event_id = _order_and_event(data_record)
        response = dynamodb().get_item(
            TableName=required("CONTACTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
        )
        row = response.get("Item", {})
        self._address = row["email"]["S"] if row else None
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
        order_id, event_id = _order_and_event(data_record)
        expires = datetime.now(UTC) + CONTACT_RETENTION
        try:
            dynamodb().update_item(
                TableName=required("CONTACTS_TABLE"),
                Key=texts(order_id=order_id),
                UpdateExpression="SET #event = :digest, email = :address,"
                " expires_at = if_not_exists(expires_at, :expires)",
                ConditionExpression="attribute_not_exists(#event)",
                ExpressionAttributeNames={"#event": event_id},
                ExpressionAttributeValues={
                    **texts(**{":digest": data_record.payload_hash, ":address": self.address()}),
                    ":expires": number(int(expires.timestamp())),
                },
            )
        except dynamodb().exceptions.ConditionalCheckFailedException:
            telemetry_of("notifications").count("EmailSentTwice")

    def _delete_record(self, data_record: DataRecord) -> None:
        """Delete nothing: a failed reaction has left no record."""

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Raise always; a duplicate has brought its record with it."""
        raise IdempotencyItemNotFoundError(idempotency_key)


def _order_and_event(data_record: DataRecord) -> tuple[str, str]:
    order_id, _, event_id = data_record.idempotency_key.partition("#")
    return order_id, event_id
