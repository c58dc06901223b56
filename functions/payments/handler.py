"""Payments' reactions: charge what is reserved, refund what is cancelled."""

from functions.payments import domain, store
from functions.payments.gateway import Gateway
from functions.payments.simulated_gateway import SimulatedGateway
from functions.shared.consumer import Reactions, consumer
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.inventory import InventoryReserved
from functions.shared.contracts.orders import OrderCancelled
from functions.shared.contracts.payments import PaymentDeclined, PaymentProcessed
from functions.shared.idempotency import stock_layer

GATEWAY: Gateway = SimulatedGateway()


def on_inventory_reserved(event: Event[InventoryReserved]) -> None:
    """Settle the order once: the attempt on record first, and one key for every time it is tried."""
    reserved = event.fact
    if store.start(reserved):
        outcome = domain.settle_free(reserved) if domain.is_free(reserved) else _charge(reserved)
        store.commit_payment(outcome, cause=event.as_cause())


def _charge(reserved: InventoryReserved) -> PaymentProcessed | PaymentDeclined:
    charge = GATEWAY.charge(
        key=f"charge:{reserved.order_id}", amount=reserved.total, method=reserved.payment_method
    )
    return domain.settle(reserved, charge)


def on_order_cancelled(event: Event[OrderCancelled]) -> None:
    """Give back what was taken; where nothing was yet, see to it that nothing will be."""
    order_id = event.fact.order_id
    decided = store.payment_of(order_id)
    if decided is None:
        decided = store.commit_refusal(domain.refuse(order_id), cause=event.as_cause())
    if isinstance(decided, PaymentProcessed) and decided.amount.amount:
        refund = GATEWAY.refund(
            key=f"refund:{order_id}", payment_id=decided.payment_id, amount=decided.amount
        )
        store.commit_refund(domain.give_back(decided, refund), cause=event.as_cause())


REACTIONS: Reactions = {
    InventoryReserved: on_inventory_reserved,
    OrderCancelled: on_order_cancelled,
}

handle = consumer("payments", REACTIONS, store=stock_layer)
