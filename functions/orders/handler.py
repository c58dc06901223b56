"""Entry point of the consumer of orders: its reactions."""

from functions.contracts.fraud import FraudSuspected
from functions.contracts.inventory import InventoryRejected
from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.contracts.storefront import CheckoutCompleted
from functions.orders import domain, store
from functions.orders.completion import cancel
from functions.orders.placement import create
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("orders")


def on_checkout_completed(event: Event[CheckoutCompleted]) -> Appended:
    """Create the partner's order."""
    return create(domain.create_from(event.fact, event.party), cause=event.as_cause())


def on_payment_processed(event: Event[PaymentProcessed]) -> Appended:
    """Confirm the order and count its revenue, unless it was cancelled."""
    created = store.load(event.fact.order_id).fact
    appended = store.commit_confirmation(domain.confirm(created), cause=event.as_cause())
    if appended.is_new and created.total.amount:
        telemetry.count_by("Revenue", created.total.amount, currency=created.total.currency)
    return appended


def on_inventory_rejected(event: Event[InventoryRejected]) -> Appended | None:
    """Cancel the order: it is out of stock."""
    return cancel(store.load(event.fact.order_id).fact, "out_of_stock", cause=event.as_cause())


def on_payment_declined(event: Event[PaymentDeclined]) -> Appended | None:
    """Cancel the order: its payment is declined."""
    return cancel(store.load(event.fact.order_id).fact, "payment_declined", cause=event.as_cause())


def on_fraud_suspected(event: Event[FraudSuspected]) -> Appended | None:
    """Cancel the order; if it is shipped, count and log it, so that somebody stops the parcel."""
    order_id = event.fact.order_id
    try:
        return cancel(store.load(order_id).fact, "fraud_suspected", cause=event.as_cause())
    except domain.AlreadyShippedError:
        telemetry.count("FraudSuspectedTooLate")
        fields = LogContext.of_cause(event.as_cause(), subject=order_id).as_fields()
        telemetry.logger.warning("fraud suspected too late", reasons=event.fact.reasons, **fields)
        return None


REACTIONS: Reactions = {
    CheckoutCompleted: on_checkout_completed,
    PaymentProcessed: on_payment_processed,
    InventoryRejected: on_inventory_rejected,
    PaymentDeclined: on_payment_declined,
    FraudSuspected: on_fraud_suspected,
}

handle = consumer("orders", REACTIONS, store=event_log)
