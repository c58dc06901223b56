"""A shop in another account: it places orders, and follows them on its own queue."""

from collections import defaultdict
from typing import Any

from orderbus_client import Event, EventConsumer, MemoryProcessedEvents, Publisher, new_event
from orderbus_client.events import CheckoutCompleted, OrderCancelled, OrderConfirmed, ShipmentScheduled


class Storefront:
    """The shop's carts, each with the events of its order so far."""

    def __init__(self, publisher: Publisher) -> None:
        """Publish checkouts with this publisher."""
        self._publisher = publisher
        self._carts: dict[str, str] = {}
        self.progress: dict[str, list[str]] = defaultdict(list)
        self.consumer = EventConsumer(
            {OrderConfirmed: self._follow, OrderCancelled: self._follow, ShipmentScheduled: self._follow},
            processed=MemoryProcessedEvents(),
        )

    def check_out(self, checkout: CheckoutCompleted) -> None:
        """Place the order; raise `UnpublishedError` if it was not published, to try again."""
        cart = checkout.idempotency_key
        event = new_event(checkout, subject=cart, key="checkout")
        self._publisher.publish([event]).required()
        self._carts[event.cause.correlation_id] = cart

    def _follow(self, event: Event[Any]) -> None:
        """Note the event if its order is ours: every event of one order has the checkout's correlation id."""
        cart = self._carts.get(event.cause.correlation_id)
        if cart is not None:
            self.progress[cart].append(type(event.fact).__name__)
