"""Decisions of payments."""

from functions.contracts.inventory import InventoryReserved
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.payments.attempt import Attempt, Status
from functions.payments.gateway import Charge, MismatchError, Refund
from functions.shared.contracts.fact import Fact

NEVER_CHARGED = frozenset({"order_cancelled", "gateway_unreachable"})
"""Decline reasons unrelated to the card."""


def charge_key(order_id: str) -> str:
    """Return the idempotency key of the charge, the same for every attempt."""
    return f"charge:{order_id}"


def refund_key(order_id: str) -> str:
    """Return the idempotency key of the refund."""
    return f"refund:{order_id}"


def is_for(attempt: Attempt, reserved: InventoryReserved) -> bool:
    """Whether the attempt charges what the reservation asks for."""
    return (attempt.amount, attempt.method) == (reserved.total, reserved.payment_method)


def settled_status(outcome: Fact) -> Status:
    """Return the status of an attempt with that outcome."""
    return Status.CAPTURED if isinstance(outcome, PaymentProcessed) else Status.DECLINED


def is_owed(attempt: Attempt, outcome: Fact) -> bool:
    """Whether the payment was captured for a cancelled order, and is more than nothing."""
    is_paid = isinstance(outcome, PaymentProcessed) and outcome.amount.amount > 0
    return is_paid and attempt.cancellation is not None


def settle(attempt: Attempt, charge: Charge) -> PaymentProcessed | PaymentDeclined:
    """Return paid or declined; raise `MismatchError` if the amount differs."""
    if charge.amount != attempt.amount:
        raise MismatchError
    if not charge.captured:
        return PaymentDeclined(order_id=attempt.order_id, reason=charge.reason)
    return PaymentProcessed(order_id=attempt.order_id, payment_id=charge.id, amount=charge.amount)


def is_free(attempt: Attempt) -> bool:
    """Whether the total is zero, which no gateway charges."""
    return attempt.amount.amount == 0


def settle_free(attempt: Attempt) -> PaymentProcessed:
    """Return the payment of an order with a total of zero."""
    return PaymentProcessed(order_id=attempt.order_id, payment_id="free", amount=attempt.amount)


def is_charge(outcome: PaymentProcessed | PaymentDeclined) -> bool:
    """Whether the gateway decided it: no free order, and no charge that never began."""
    if isinstance(outcome, PaymentDeclined):
        return outcome.reason not in NEVER_CHARGED
    return outcome.amount.amount > 0


def decline_uncharged(attempt: Attempt) -> PaymentDeclined:
    """Return the decline of a charge that never reached the gateway and never will."""
    reason = "order_cancelled" if attempt.cancellation else "gateway_unreachable"
    return PaymentDeclined(order_id=attempt.order_id, reason=reason)


def refuse(order_id: str) -> PaymentDeclined:
    """Return the tombstone that a cancellation leaves if it arrives before the payment."""
    return PaymentDeclined(order_id=order_id, reason="order_cancelled")


def refunded(paid: PaymentProcessed, refund: Refund) -> PaymentRefunded:
    """Return the refund of the whole payment; raise `MismatchError` if the amount differs."""
    if refund.amount != paid.amount:
        raise MismatchError
    return PaymentRefunded(
        order_id=paid.order_id, payment_id=paid.payment_id, refund_id=refund.id, amount=paid.amount
    )
