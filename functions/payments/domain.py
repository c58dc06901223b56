"""What payments decides, given what the gateway answered."""

from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.payments.attempt import Attempt
from functions.payments.gateway import Charge, MismatchError, Refund

NEVER_CHARGED = frozenset({"order_cancelled", "gateway_unreachable"})
"""Reasons of declines that say nothing about the customer's card."""


def charge_key(order_id: str) -> str:
    """The gateway's key for the order's charge: one for every time it is tried."""
    return f"charge:{order_id}"


def refund_key(order_id: str) -> str:
    """The gateway's key for the order's refund."""
    return f"refund:{order_id}"


def settle(attempt: Attempt, charge: Charge) -> PaymentProcessed | PaymentDeclined:
    """Paid or declined, as the gateway says; an answer about another sum of money is no answer."""
    if charge.amount != attempt.amount:
        raise MismatchError
    if not charge.captured:
        return PaymentDeclined(order_id=attempt.order_id, reason=charge.reason)
    return PaymentProcessed(order_id=attempt.order_id, payment_id=charge.id, amount=charge.amount)


def is_free(attempt: Attempt) -> bool:
    """Whether there is nothing to charge: no gateway takes a charge of nothing."""
    return attempt.amount.amount == 0


def settle_free(attempt: Attempt) -> PaymentProcessed:
    """An order that costs nothing is paid for."""
    return PaymentProcessed(order_id=attempt.order_id, payment_id="free", amount=attempt.amount)


def never_arrived(attempt: Attempt) -> PaymentDeclined:
    """A charge that the gateway has never heard of, and will not be asked for any more, is none."""
    reason = "order_cancelled" if attempt.called_off else "gateway_unreachable"
    return PaymentDeclined(order_id=attempt.order_id, reason=reason)


def refuse(order_id: str) -> PaymentDeclined:
    """A cancellation that comes before the payment takes its place: the tombstone of what never was."""
    return PaymentDeclined(order_id=order_id, reason="order_cancelled")


def give_back(paid: PaymentProcessed, refund: Refund) -> PaymentRefunded:
    """All that was taken, and nothing else."""
    if refund.amount != paid.amount:
        raise MismatchError
    return PaymentRefunded(
        order_id=paid.order_id, payment_id=paid.payment_id, refund_id=refund.id, amount=paid.amount
    )
