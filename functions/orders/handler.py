"""Orders' reactions: take in what partners sell, confirm what is paid, cancel what cannot be."""

from functions.contracts.fraud import FraudSuspected
from functions.contracts.inventory import InventoryRejected
from functions.contracts.orders import CancellationReason
from functions.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.contracts.shipping import ShipmentScheduled
from functions.contracts.storefront import CheckoutCompleted
from functions.orders import domain, store
from functions.orders.calling_back import call_back
from functions.orders.completion import count_sale, end, note_shipment
from functions.orders.intake import take_in
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("orders")


def on_checkout_completed(event: Event[CheckoutCompleted]) -> None:
    """Take the partner's order in."""
    take_in(domain.create_from(event.fact, event.party), cause=event.as_cause())


def on_payment_processed(event: Event[PaymentProcessed]) -> None:
    """Confirm the order."""
    order = store.load(event.fact.order_id)
    confirmed = domain.confirm(order)
    if confirmed is not None and store.commit(confirmed, order, cause=event.as_cause()) is confirmed:
        count_sale(order)


def on_inventory_rejected(event: Event[InventoryRejected]) -> None:
    """Cancel the order: it cannot be reserved."""
    _cancel(event, "out_of_stock")


def on_payment_declined(event: Event[PaymentDeclined]) -> None:
    """Cancel the order: it cannot be paid."""
    _cancel(event, "payment_declined")


def on_shipment_scheduled(event: Event[ShipmentScheduled]) -> None:
    """Note that the order cannot be called back any more."""
    note_shipment(event.fact.order_id)


def on_fraud_suspected(event: Event[FraudSuspected]) -> None:
    """Call the order back; where it is shipped, say so to those who can still reach the carrier."""
    order_id = event.fact.order_id
    try:
        call_back(order_id, "fraud_suspected", cause=event.as_cause())
    except store.AlreadyShippedError:
        telemetry.count("FraudSuspectedTooLate")
        trail = LogContext.of_cause(event.as_cause(), order_id=order_id)
        telemetry.logger.warning("fraud suspected too late", reasons=event.fact.reasons, **trail.as_fields())


def _cancel(event: Event[InventoryRejected] | Event[PaymentDeclined], reason: CancellationReason) -> None:
    order = store.load(event.fact.order_id)
    cancelled = domain.cancel(order, reason)
    if cancelled is not None:
        end(cancelled, order, cause=event.as_cause())


REACTIONS: Reactions = {
    CheckoutCompleted: on_checkout_completed,
    PaymentProcessed: on_payment_processed,
    InventoryRejected: on_inventory_rejected,
    PaymentDeclined: on_payment_declined,
    ShipmentScheduled: on_shipment_scheduled,
    FraudSuspected: on_fraud_suspected,
}

handle = consumer("orders", REACTIONS, store=event_log)
