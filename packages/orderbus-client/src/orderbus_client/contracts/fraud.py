# Copied from functions/contracts/fraud.py by `python -m client_package`: change the original.
"""Facts that fraud publishes."""

from typing import Annotated, ClassVar

from msgspec import Meta

from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.values import Code
from orderbus_client.contracts.shared.party import CustomerId

# Codes instead of an enumeration: rules come and go, and a version of a schema only widens.
Reasons = Annotated[
    tuple[Code, ...], Meta(min_length=1, max_length=10, examples=[["too_many_orders", "new_country"]])
]


class FraudSuspected(OrderFact, frozen=True, kw_only=True):
    """The order looks as if its customer had not placed it, for these reasons."""

    owner: ClassVar[str] = "fraud"
    decision: ClassVar[str] = "judgement"

    customer_id: CustomerId
    reasons: Reasons
