"""The record of sent emails, as a Powertools persistence layer over the contacts table.

In progress looks at the order's row, which has the address too; the rows of a batch are read together, and
`OrderCreated` makes its row. Completed adds the event's id with its digest after the email was sent, with the
last of the order's messages in the batch; a duplicate finds it.
See docs/decisions/0040-the-record-is-written-once.md and 0054-one-request-for-several-messages.md.
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyItemNotFoundError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord

from functions.contracts.orders import OrderCreated
from functions.notifications import contact_rows
from functions.notifications.address_limit import admit
from functions.notifications.contact_rows import MUTED, REJECTED, Unrecorded, address_in
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.attributes import Item
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.telemetry import telemetry_of


class UnknownContactError(NotYetError):
    """The first event of the order has not arrived yet; retry later."""


@cache
def contacts() -> "Contacts":
    """Return the function's one instance."""
    return Contacts()


class Contacts(BasePersistenceLayer):
    """The rows of a batch's orders, and the address for the message at hand."""

    _event: Event[Any]

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # untyped in Powertools 3.37
        self.begin([])

    def begin(self, events: Sequence[Event[Any]], /) -> None:
        """Forget the batch before; read the rows of these orders together, when a message needs one."""
        self._left = Counter(event.subject for event in events)
        self._expected = {*self._left} - {
            event.subject for event in events if isinstance(event.fact, OrderCreated)
        }
        self._rows: dict[str, Item] = {}
        self._unrecorded: dict[str, Unrecorded] = {}

    def take(self, event: Event[Any], /) -> None:
        """React to this event next."""
        self._event, self._rejects = event, False
        self._left[event.subject] -= 1

    def settle(self) -> dict[str, Exception]:
        """Record the emails that are in no row yet; return the error of each that cannot be recorded."""
        lost: dict[str, Exception] = {}
        for order_id, sent in list(self._unrecorded.items()):
            try:
                self._record(order_id)
            except Exception as error:  # noqa: BLE001 - after any error the messages come again
                lost |= dict.fromkeys(sent.digests, error)
        return lost

    @property
    def is_muted(self) -> bool:
        """Whether this event sends no email; the receipt of an order that is rejected as fraud is sent."""
        row = self._row()
        is_receipt = isinstance(self._event.fact, OrderCreated)
        return MUTED in row or (not is_receipt and (self._rejects or REJECTED in row))

    def has_record_of(self, event_id: str) -> bool:
        """Whether the email of that event was sent."""
        return event_id in self._row()

    def reject(self) -> None:
        """Send no more than the receipt of the order from now on; the record of its event says so."""
        self._rejects = True

    def address(self) -> str:
        """Return the address of the customer; raise `UnknownContactError` if it is unknown so far."""
        address = address_in(self._row())
        if address is None:
            # Another invocation may have stored it since the batch began.
            address = address_in(contact_rows.read(self._event.subject))
        if address is None:
            raise UnknownContactError("no contact for this order yet")
        return address

    def _get_hashed_idempotency_key(self, data: dict[str, Any]) -> str:
        """Return the order and the event, which name a row and its attribute; so neither is hashed."""
        return f"{data['subject']}#{data['event_id']}"

    def _put_record(self, data_record: DataRecord) -> None:
        """Look at the row; raise `IdempotencyItemAlreadyExistsError` if the email was sent."""
        if isinstance(self._event.fact, OrderCreated):
            self._admit(self._event.fact)
        record = self._row().get(self._event.identity)
        if record is not None:
            sent = DataRecord(
                idempotency_key=data_record.idempotency_key, status="COMPLETED", payload_hash=record["S"]
            )
            self._validate_payload(data_payload=data_record, stored_data_record=sent)
            raise IdempotencyItemAlreadyExistsError(old_data_record=sent)

    def _update_record(self, data_record: DataRecord) -> None:
        """Note that the email was sent; record it unless another message of the order is in the batch."""
        order_id = self._event.subject
        sent = self._unrecorded.setdefault(order_id, Unrecorded(self.address()))
        sent.digests[self._event.identity] = data_record.payload_hash
        sent.flags |= ({MUTED} & self._row().keys()) | ({REJECTED} if self._rejects else set())
        if not self._left[order_id]:
            self._record(order_id)

    def _delete_record(self, data_record: DataRecord) -> None:
        """Delete nothing: a failed reaction has left no record."""

    def _get_record(self, idempotency_key: str) -> DataRecord:
        """Raise always; a duplicate has brought its record with it."""
        raise IdempotencyItemNotFoundError(idempotency_key)

    def _admit(self, order: OrderCreated) -> None:
        """Count the order to its address; mute it if it is one too many."""
        new = contact_rows.new_row(order.order_id, order.email)
        self._rows[order.order_id] = admit(new, at=self._event.time) or {**new, MUTED: {"BOOL": True}}

    def _row(self) -> Item:
        """Return the row, with the records that it does not have yet."""
        order_id = self._event.subject
        if order_id in self._expected:
            self._rows |= contact_rows.read_all(self._expected)
            self._expected = set()
        if order_id not in self._rows:
            self._rows[order_id] = contact_rows.read(order_id)
        unrecorded = self._unrecorded.get(order_id)
        return {**self._rows[order_id], **(unrecorded.attributes() if unrecorded else {})}

    def _record(self, order_id: str) -> None:
        """Write the order's records; count the emails that another delivery has sent meanwhile."""
        sent = self._unrecorded[order_id]
        repeated = contact_rows.record(order_id, sent)
        if repeated:
            telemetry_of("notifications").count("EmailSentTwice", repeated)
        self._rows[order_id] = {**self._rows.get(order_id, {}), **sent.attributes()}
        del self._unrecorded[order_id]
