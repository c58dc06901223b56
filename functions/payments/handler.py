"""Payments' reactions: charge reserved orders, refund cancelled ones."""

from datetime import UTC, datetime

from functions.contracts.inventory import InventoryReserved
from functions.contracts.orders import OrderCancelled
from functions.payments import domain, store
from functions.payments.attempt import Attempt
from functions.payments.gateway import MAXIMUM_RESPONSE_MS
from functions.payments.gateways import gateway
from functions.payments.settlement import Settlement
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.event_log import Appended, event_log
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.consumer import Reactions, consumer
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("payments")


def on_inventory_reserved(event: Event[InventoryReserved]) -> Appended | None:
    """Charge the order once: record the attempt first, and use the same key for every try.

    Reconciliation resolves an unknown outcome; the message is then done.
    """
    now = datetime.now(UTC)
    attempt, is_new = store.start(event.fact, cause=event.as_cause(), now=now)
    if attempt and is_new:
        return Settlement(gateway(), telemetry).charge(attempt).appended
    return _charge_again(event.fact, attempt, now)


def _charge_again(reserved: InventoryReserved, earlier: Attempt | None, now: datetime) -> Appended | None:
    """Return the outcome if there is one; otherwise go on with the attempt, unless somebody else does."""
    if earlier and not domain.is_for(earlier, reserved):
        raise Rejected("id_collision", "another reservation has the id of this one")
    decided = store.outcome_of(reserved.order_id)
    if decided:
        return Appended(decided, is_new=False)
    attempt = store.resume(reserved.order_id, now=now)
    return Settlement(gateway(), telemetry).charge(attempt).appended if attempt else None


def on_order_cancelled(event: Event[OrderCancelled]) -> Appended | None:
    """Refund a capture, now or once it is known; prevent a charge that has not begun."""
    order_id, cause = event.fact.order_id, event.as_cause()
    try:
        attempt = store.cancel(order_id, cause=cause, now=datetime.now(UTC))
    except store.NotBegunError:
        return store.commit_refusal(domain.refuse(order_id), cause=cause)
    return Settlement(gateway(), telemetry).cancel(attempt).appended if attempt else None


REACTIONS: Reactions = {
    InventoryReserved: on_inventory_reserved,
    OrderCancelled: on_order_cancelled,
}

handle = consumer("payments", REACTIONS, store=event_log, reserve_ms=MAXIMUM_RESPONSE_MS + MAXIMUM_CALL_MS)
