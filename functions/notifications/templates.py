"""The texts of the emails to customers."""

import re

import msgspec
from msgspec import UnsetType

from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.payments import PaymentRefunded
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.values import Money


class Email(msgspec.Struct, frozen=True):
    """The subject and text of one email."""

    subject: str
    body: str


_REASONS = {
    "out_of_stock": "something you ordered is out of stock",
    "payment_declined": "your payment was declined",
    "fraud_suspected": "we could not verify the order",
    "customer_request": "you asked us to",
    "timed_out": "we could not complete it in time",
}


_IN_LINK = re.compile(r"(?<=\S)[.:/@](?=\S)")


def received(order: OrderCreated) -> Email:
    """Confirm that the order was received."""
    return Email(f"We have your order {order.order_id}", "Thank you. We will email you when it is confirmed.")


def confirmed(order: OrderConfirmed) -> Email:
    """Say that the order is paid for and will be shipped."""
    return Email(f"Your order {order.order_id} is confirmed", "It is paid for, and we are packing it.")


def cancelled(order: OrderCancelled) -> Email:
    """Say that the order is cancelled, and why."""
    return Email(
        f"Your order {order.order_id} is cancelled",
        f"We are sorry: {_REASONS[order.reason]}. What you have paid comes back to you.",
    )


def refunded(refund: PaymentRefunded) -> Email:
    """Say that the payment is refunded."""
    return Email(
        f"Your payment for order {refund.order_id} is refunded",
        f"{_formatted(refund.amount)} will be on your account within a few days.",
    )


def shipped(shipment: ShipmentScheduled) -> Email:
    """Say that the parcel is on its way."""
    return Email(
        f"Your order {shipment.order_id} is on its way",
        f"Follow it with {shipment.carrier} under {shipment.tracking_number}.{_gift(shipment.gift_message)}",
    )


def _gift(message: str | UnsetType) -> str:
    """Return the paragraph about the message in the parcel; the email is plain text without markup."""
    return f'\n\nThe parcel has your message: "{_without_links(message)}"' if message else ""


def _without_links(text: str) -> str:
    """Separate what email clients turn into links: the address of an order may be a stranger's."""
    return _IN_LINK.sub(r"\g<0> ", text)


def _formatted(money: Money) -> str:
    """Return it as `24.99 GBP`; the yen has no minor unit (ISO 4217)."""
    if money.currency == "JPY":
        return f"{money.amount} JPY"
    return f"{money.amount // 100}.{money.amount % 100:02} {money.currency}"
