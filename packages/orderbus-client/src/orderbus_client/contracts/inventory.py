# Copied from functions/contracts/inventory.py by `python -m client_package`: change the original.
"""Facts that inventory publishes."""

from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from orderbus_client.contracts.order_fact import OrderFact
from orderbus_client.contracts.values import (
    AdditionId,
    Lines,
    Money,
    PaymentMethod,
    Replenishments,
    Sku,
    StockLevel,
    StockLines,
)
from orderbus_client.contracts.shared.fact import PublishedFact


class InventoryReserved(OrderFact, frozen=True, kw_only=True):
    """All lines of the order are reserved; it may be paid for."""

    owner: ClassVar[str] = "inventory"
    decision: ClassVar[str] = "reservation"

    lines: Lines
    total: Money
    payment_method: PaymentMethod


class InventoryRejected(OrderFact, frozen=True, kw_only=True):
    """Nothing is reserved for the order: these SKUs are out of stock, or it was cancelled first."""

    owner: ClassVar[str] = "inventory"
    decision: ClassVar[str] = "reservation"

    reason: Annotated[Literal["out_of_stock", "order_cancelled"], Meta(examples=["out_of_stock"])]
    skus: Annotated[tuple[Sku, ...], Meta(max_length=99)]


class InventoryReleased(OrderFact, frozen=True, kw_only=True):
    """The stock reserved for the order is for sale again."""

    owner: ClassVar[str] = "inventory"
    decision: ClassVar[str] = "release"

    lines: Lines


class StockAdded(PublishedFact, frozen=True, kw_only=True):
    """The stock of a delivery is for sale."""

    owner: ClassVar[str] = "inventory"
    decision: ClassVar[str] = "replenishment"
    about: ClassVar[str] = "replenishment_id"

    replenishment_id: AdditionId
    lines: StockLines


class StockRanLow(PublishedFact, frozen=True, kw_only=True):
    """The SKU's stock is at or below its reorder level; published once between two replenishments."""

    owner: ClassVar[str] = "inventory"
    decision: ClassVar[str] = "shortage"
    about: ClassVar[str] = "sku"

    sku: Sku
    available: StockLevel
    reorder_level: Annotated[StockLevel, Meta(examples=[5])]
    replenishments: Replenishments

    @property
    def decision_key(self) -> str:
        """One decision for each replenishment."""
        return f"{self.decision}#{self.replenishments}"
