"""What payments decides, given what the gateway answered."""

from functions.payments.gateway import Charge, Refund, UnknownOutcomeError
from functions.shared.contracts.inventory import InventoryReserved
from functions.shared.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded


def settle(reserved: InventoryReserved, charge: Charge) -> PaymentProcessed | PaymentDeclined:
    """Paid or declined, as the gateway says; an answer about another sum of money is no answer."""
    if charge.amount != reserved.total:
        raise UnknownOutcomeError("the gateway answered for another amount than it was asked for")
    if not charge.captured:
        return PaymentDeclined(order_id=reserved.order_id, reason=charge.reason)
    return PaymentProcessed(order_id=reserved.order_id, payment_id=charge.id, amount=charge.amount)


def is_free(reserved: InventoryReserved) -> bool:
    """Whether there is nothing to charge: no gateway takes a charge of nothing."""
    return reserved.total.amount == 0


def settle_free(reserved: InventoryReserved) -> PaymentProcessed:
    """An order that costs nothing is paid for."""
    return PaymentProcessed(order_id=reserved.order_id, payment_id="free", amount=reserved.total)


def refuse(order_id: str) -> PaymentDeclined:
    """A cancellation that comes before the payment takes its place: the tombstone of what never was."""
    return PaymentDeclined(order_id=order_id, reason="order_cancelled")


def give_back(paid: PaymentProcessed, refund: Refund) -> PaymentRefunded:
    """All that was taken, and nothing more."""
    return PaymentRefunded(
        order_id=paid.order_id, payment_id=paid.payment_id, refund_id=refund.id, amount=paid.amount
    )
