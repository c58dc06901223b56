"""Orders' reactions: take in what partners sell, confirm what is paid, cancel what cannot be."""

from functions.contracts.fraud import FraudSuspected
from functions.contracts.inventory import InventoryRejected
from functions.contracts.orders import CancellationReason
from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.storefront import CheckoutCompleted
from functions.orders import domain, store
from functions.orders.calling_back import call_back
from functions.orders.endings import count_sale, end, note_shipment
from functions.orders.intake import take_in
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("orders")


def on_checkout_completed(event: Event[CheckoutCompleted]) -> Appended:
    """Take the partner's order in."""
    return take_in(domain.create_from(event.fact, event.party), cause=event.as_cause())


def on_payment_processed(event: Event[PaymentProcessed]) -> Appended | None:
    """Confirm the order."""
    order = store.load(event.fact.order_id)
    confirmed = domain.confirm(order)
    if confirmed is None:
        return None
    appended = store.commit(confirmed, order, cause=event.as_cause())
    if appended.is_new:
        count_sale(order)
    return appended


def on_inventory_rejected(event: Event[InventoryRejected]) -> Appended | None:
    """Cancel the order: it cannot be reserved."""
    return _cancel(event, "out_of_stock")


def on_payment_declined(event: Event[PaymentDeclined]) -> Appended | None:
    """Cancel the order: it cannot be paid."""
    return _cancel(event, "payment_declined")


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Note that the order cannot be called back any more."""
    note_shipment(event.fact.order_id)


def on_fraud_suspected(event: Event[FraudSuspected]) -> Appended | None:
    """Call the order back; where it is shipped, say so to those who can still reach the carrier."""
    order_id = event.fact.order_id
    try:
        return call_back(order_id, "fraud_suspected", cause=event.as_cause())
    except store.AlreadyShippedError:
        telemetry.count("FraudSuspectedTooLate")
        trail = LogContext.of_cause(event.as_cause(), subject=order_id)
        telemetry.logger.warning("fraud suspected too late", reasons=event.fact.reasons, **trail.as_fields())
        return None


def _cancel(
    event: Event[InventoryRejected] | Event[PaymentDeclined], reason: CancellationReason
) -> Appended | None:
    order = store.load(event.fact.order_id)
    cancelled = domain.cancel(order, reason)
    return None if cancelled is None else end(cancelled, order, cause=event.as_cause())


REACTIONS: Reactions = {
    CheckoutCompleted: on_checkout_completed,
    PaymentProcessed: on_payment_processed,
    InventoryRejected: on_inventory_rejected,
    PaymentDeclined: on_payment_declined,
    ShipmentScheduled: on_shipment_scheduled,
    FraudSuspected: on_fraud_suspected,
}

handle = consumer("orders", REACTIONS, store=event_log)
