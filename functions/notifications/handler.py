"""Notifications' reactions: send an email for each step of an order.

Each event sends at most one email. A crash between sending it and recording that can send a second one, and
so can two deliveries at the same time: SES has no idempotency key, and two emails are better than none. A
replay sends none, because an archive outlives every record of sent emails
(docs/decisions/0022-a-replay-sends-no-email.md).
"""

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.notifications import mailer, templates
from functions.notifications.contacts import contacts
from functions.shared.contracts.envelope import Event, event_id
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, MAXIMUM_EMAIL_MS
from functions.shared.runtime.consumer import Reactions, consumer

RESERVE_MS = MAXIMUM_EMAIL_MS + 2 * MAXIMUM_CALL_MS
"""An email started with less time may be sent without its record, and then again.

Of the four messages of a batch, another order's two may wait for their record at the same time.
"""


def on_order_created(event: Event[OrderCreated]) -> None:
    """Confirm that the order was received."""
    mailer.send(templates.received(event.fact))


def on_order_confirmed(event: Event[OrderConfirmed]) -> None:
    """Say that the order is paid for."""
    mailer.send(templates.confirmed(event.fact))


def on_order_cancelled(event: Event[OrderCancelled]) -> None:
    """Say that the order is cancelled, and why.

    An order that is rejected as fraud sends no email but its receipt: its address may be somebody else's.
    Only after the email that confirms the order, this one follows.
    """
    confirmation = event_id(OrderConfirmed.owner, event.fact.aggregate, OrderConfirmed.decision)
    if event.fact.reason == "fraud_suspected" and not contacts().has_record_of(confirmation):
        contacts().reject()
    mailer.send(templates.cancelled(event.fact))


def on_payment_refunded(event: Event[PaymentRefunded]) -> None:
    """Say that the payment is refunded."""
    mailer.send(templates.refunded(event.fact))


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Say that the parcel is on its way."""
    mailer.send(templates.shipped(event.fact))


REACTIONS: Reactions = {
    OrderCreated: on_order_created,
    OrderConfirmed: on_order_confirmed,
    OrderCancelled: on_order_cancelled,
    PaymentRefunded: on_payment_refunded,
    ShipmentScheduled: on_shipment_scheduled,
}

handle = consumer("notifications", REACTIONS, store=contacts, accepts_replays=False, reserve_ms=RESERVE_MS)
