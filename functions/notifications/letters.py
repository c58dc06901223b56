"""What the customer is told, in words."""

from dataclasses import dataclass

from functions.shared.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.shared.contracts.shipping import ShipmentScheduled


@dataclass(frozen=True, slots=True)
class Letter:
    """One e-mail's words."""

    subject: str
    body: str


_REASONS = {
    "out_of_stock": "something you ordered is out of stock",
    "payment_declined": "your payment was declined",
    "fraud_suspected": "we could not verify the order",
    "customer_request": "you asked us to",
    "timed_out": "we could not complete it in time",
}


def received(order: OrderCreated) -> Letter:
    """The order has come in."""
    return Letter(f"We have your order {order.order_id}", "Thank you. We will tell you when it is confirmed.")


def confirmed(order: OrderConfirmed) -> Letter:
    """The order is paid for and will be shipped."""
    return Letter(f"Your order {order.order_id} is confirmed", "It is paid for, and we are packing it.")


def cancelled(order: OrderCancelled) -> Letter:
    """The order will not be carried out, and why."""
    return Letter(
        f"Your order {order.order_id} is cancelled",
        f"We are sorry: {_REASONS[order.reason]}. You will not be charged.",
    )


def shipped(shipment: ShipmentScheduled) -> Letter:
    """The parcel is on its way."""
    return Letter(
        f"Your order {shipment.order_id} is on its way",
        f"Follow it with {shipment.carrier} under {shipment.tracking_number}.",
    )
