"""The contacts table and SES: look up addresses and send emails."""

from datetime import UTC, datetime, timedelta

from functions.contracts.orders import OrderCreated
from functions.notifications.templates import Email
from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.powertools_layer import REMEMBERED
from functions.shared.runtime.clients import dynamodb, ses
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.retry import retries

MAXIMUM_ORDER_AGE = timedelta(days=90)
"""Time from the creation of an order to its last email."""
CONTACT_RETENTION = MAXIMUM_ORDER_AGE + REMEMBERED
"""Retention of an address: longer than any email of the order can be due."""


class UnknownContactError(NotYetError):
    """The first event of the order has not arrived yet; retry later."""


def remember(order: OrderCreated, *, now: datetime | None = None) -> None:
    """Store the address of the order, so later events need not carry it."""
    expires = (now or datetime.now(UTC)) + CONTACT_RETENTION
    dynamodb().put_item(
        TableName=required("CONTACTS_TABLE"),
        Item={
            **texts(order_id=order.order_id, email=order.customer.email),
            "expires_at": number(int(expires.timestamp())),
        },
    )


def address_of(order_id: str) -> str:
    """Return the address of the customer; raise `UnknownContactError` if it is unknown so far."""
    response = dynamodb().get_item(
        TableName=required("CONTACTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    if "Item" not in response:
        raise UnknownContactError("no contact for this order yet")
    return response["Item"]["email"]["S"]


def send(email: Email, *, to: str) -> None:
    """Send the email through SES; retry a few times if SES throttles it."""
    retries().run(
        lambda: ses().send_email(
            FromEmailAddress=required("SENDER_ADDRESS"),
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {"Subject": {"Data": email.subject}, "Body": {"Text": {"Data": email.body}}},
            },
        )
    )
