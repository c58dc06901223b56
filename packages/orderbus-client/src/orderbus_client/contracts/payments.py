# Copied from functions/contracts/payments.py by `python -m client_package`: change the original.
"""Facts that payments publishes."""

from typing import Annotated, ClassVar

from msgspec import Meta

from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.values import Code, Money, PaymentId


class PaymentProcessed(OrderFact, frozen=True, kw_only=True):
    """The order is paid."""

    owner: ClassVar[str] = "payments"
    decision: ClassVar[str] = "payment"

    payment_id: PaymentId
    amount: Money


class PaymentDeclined(OrderFact, frozen=True, kw_only=True):
    """No money was taken for the order, and none will be taken."""

    owner: ClassVar[str] = "payments"
    decision: ClassVar[str] = "payment"

    reason: Annotated[Code, Meta(examples=["card_declined"])]


class PaymentRefunded(OrderFact, frozen=True, kw_only=True):
    """The order's payment was refunded."""

    owner: ClassVar[str] = "payments"
    decision: ClassVar[str] = "refund"

    payment_id: PaymentId
    refund_id: Annotated[PaymentId, Meta(examples=["re_sim_77a1c0de55f2b9e84d1c3a60"])]
    amount: Money
