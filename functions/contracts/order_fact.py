"""The base type of decisions on an order."""

from typing import ClassVar

from functions.contracts.values import OrderId
from functions.shared.contracts.fact import PublishedFact


class OrderFact(PublishedFact, frozen=True, kw_only=True):
    """A decision on one order."""

    about: ClassVar[str] = "order_id"

    order_id: OrderId
