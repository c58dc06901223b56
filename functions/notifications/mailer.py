"""The contacts table and the mail service: where a customer is reached, and how."""

from datetime import UTC, datetime, timedelta

from functions.contracts.orders import OrderCreated
from functions.notifications.templates import Letter
from functions.shared.event_store.attributes import number, texts
from functions.shared.event_store.powertools_layer import REMEMBERED
from functions.shared.runtime.clients import dynamodb, ses
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import NotYetError
from functions.shared.runtime.retry import retries

LONGEST_ORDER = timedelta(days=90)
"""From an order's creation to the last fact about it that a customer gets an email for."""
KEPT = LONGEST_ORDER + REMEMBERED
"""How long an address is kept: until no email of the order can still be due."""


class UnknownContactError(NotYetError):
    """The order's first event has not come yet; it will, so come back later."""


def remember(order: OrderCreated, *, now: datetime | None = None) -> None:
    """Keep the order's address, so that no later event has to carry it."""
    expires = (now or datetime.now(UTC)) + KEPT
    dynamodb().put_item(
        TableName=required("CONTACTS_TABLE"),
        Item={
            **texts(order_id=order.order_id, email=order.customer.email),
            "expires_at": number(int(expires.timestamp())),
        },
    )


def address_of(order_id: str) -> str:
    """Where the order's customer is reached; raises `UnknownContactError` if nobody has said yet."""
    answer = dynamodb().get_item(
        TableName=required("CONTACTS_TABLE"), Key=texts(order_id=order_id), ConsistentRead=True
    )
    if "Item" not in answer:
        raise UnknownContactError("no contact for this order yet")
    return answer["Item"]["email"]["S"]


def send(letter: Letter, *, to: str) -> None:
    """Hand the letter to SES; where it takes no more letters at the moment, a few times."""
    retries().run(
        lambda: ses().send_email(
            FromEmailAddress=required("SENDER_ADDRESS"),
            Destination={"ToAddresses": [to]},
            Content={
                "Simple": {"Subject": {"Data": letter.subject}, "Body": {"Text": {"Data": letter.body}}},
            },
        )
    )
