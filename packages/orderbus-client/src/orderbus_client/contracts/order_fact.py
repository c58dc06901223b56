# Copied from functions/contracts/order_fact.py by `python -m client_package`: change the original.
"""The base type of decisions on an order."""

from typing import ClassVar

from orderbus_client.contracts.values import OrderId
from orderbus_client.contracts.shared.fact import PublishedFact


class OrderFact(PublishedFact, frozen=True, kw_only=True):
    """A decision on one order."""

    about: ClassVar[str] = "order_id"

    order_id: OrderId
