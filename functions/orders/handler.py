"""Entry point of the consumer of orders: its reactions."""

from functions.contracts.fraud import FraudSuspected
from functions.contracts.inventory import InventoryRejected
from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.storefront import CheckoutCompleted
from functions.orders import domain, store
from functions.orders.completion import cancel, mark_shipped
from functions.orders.placement import create
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("orders")


def on_checkout_completed(event: Event[CheckoutCompleted]) -> None:
    """Create the partner's order."""
    create(domain.create_from(event.fact, event.party), cause=event.as_cause())


def on_payment_processed(event: Event[PaymentProcessed]) -> None:
    """Confirm the order and count its revenue."""
    order = store.load(event.fact.order_id)
    confirmed = domain.confirm(order)
    if confirmed is not None and store.commit(confirmed, order, cause=event.as_cause()) is confirmed:
        total = order.created.total
        telemetry.count_by("Revenue", total.amount, currency=total.currency)


def on_inventory_rejected(event: Event[InventoryRejected]) -> None:
    """Cancel the order: it is out of stock."""
    cancel(event.fact.order_id, "out_of_stock", cause=event.as_cause())


def on_payment_declined(event: Event[PaymentDeclined]) -> None:
    """Cancel the order: its payment is declined."""
    cancel(event.fact.order_id, "payment_declined", cause=event.as_cause())


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Mark the order as shipped, after which it cannot be cancelled."""
    mark_shipped(event.fact.order_id)


def on_fraud_suspected(event: Event[FraudSuspected]) -> None:
    """Cancel the order; if it is shipped, count and log it, so that somebody stops the parcel."""
    order_id = event.fact.order_id
    try:
        cancel(order_id, "fraud_suspected", cause=event.as_cause())
    except domain.AlreadyShippedError:
        telemetry.count("FraudSuspectedTooLate")
        fields = LogContext.of_cause(event.as_cause(), order_id=order_id).as_fields()
        telemetry.logger.warning("fraud suspected too late", reasons=event.fact.reasons, **fields)


REACTIONS: Reactions = {
    CheckoutCompleted: on_checkout_completed,
    PaymentProcessed: on_payment_processed,
    InventoryRejected: on_inventory_rejected,
    PaymentDeclined: on_payment_declined,
    ShipmentScheduled: on_shipment_scheduled,
    FraudSuspected: on_fraud_suspected,
}

handle = consumer("orders", REACTIONS, store=event_log)
