"""The expected behaviour of the shop: apply each fact, and check that it is allowed.

The model has no AWS, no retries and no time. A run conforms to it if every published fact was allowed at that
point, and if the tables equal the model after every step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Data = Mapping[str, Any]
CANCELLING_REASONS = {"customer_request", "timed_out", "fraud_suspected"}


class NonconformingError(AssertionError):
    """A fact was published that the model does not allow."""


@dataclass
class OrderModel:
    """One order: the facts published about it, by name, with their data."""

    facts: dict[str, Data] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Return whether any of these facts was published."""
        return any(name in self.facts for name in names)

    @property
    def status(self) -> str:
        """The status that follows from the facts."""
        ends = {"OrderCancelled": "cancelled", "ShipmentScheduled": "shipped", "OrderConfirmed": "confirmed"}
        return next((status for fact, status in ends.items() if self.has(fact)), "created")

    @property
    def total(self) -> Data:
        """The total of the order."""
        found: Data = self.facts["OrderCreated"]["total"]
        return found

    @property
    def customer_id(self) -> str:
        """The customer, in either version of `OrderCreated`."""
        created = self.facts["OrderCreated"]
        return str(created["customer"]["id"] if "customer" in created else created["customer_id"])

    @property
    def email(self) -> str:
        """The customer's address, in either version."""
        created = self.facts["OrderCreated"]
        return str(created["customer"]["email"] if "customer" in created else created["email"])

    def same(self, data: Data, *fields: str) -> bool:
        """Return whether these fields are as at the creation, and the customer too."""
        created = self.facts["OrderCreated"]
        is_same = all(data.get(field) == created.get(field) for field in fields)
        return is_same and data.get("customer_id", self.customer_id) == self.customer_id

    def units(self, fact: str) -> dict[str, int]:
        """Return the units of each SKU in the lines of the fact."""
        return {line["sku"]: line["quantity"] for line in self.facts[fact]["lines"]}


class Model:
    """All orders, and the stock."""

    def __init__(self, stock: Mapping[str, int]) -> None:
        self.available = dict(stock)
        self.orders: dict[str, OrderModel] = {}
        self.gifts: Mapping[str, str | None] = {}
        """The gift message that each customer asked for, by email address."""
        self._rules: dict[str, Callable[[OrderModel, Data], None]] = {
            "OrderCreated": self._created,
            "InventoryReserved": self._reserved,
            "InventoryRejected": _rejected,
            "InventoryReleased": self._released,
            "PaymentProcessed": _processed,
            "PaymentDeclined": _declined,
            "PaymentRefunded": _refunded,
            "OrderConfirmed": _confirmed,
            "OrderCancelled": _cancelled,
            "ShipmentScheduled": _scheduled,
            "FraudSuspected": _suspected,
        }

    def apply(self, name: str, data: Data) -> None:
        """Apply a fact; raise `NonconformingError` if it is not allowed."""
        order = self.orders.setdefault(data["order_id"], OrderModel())
        _require(name not in order.facts, f"{name} was published twice")
        rule = self._rules.get(name)
        _require(rule is not None, f"the model has no rule for {name}")
        if rule is not None:
            order.facts[name] = data
            rule(order, data)

    def restock(self, units: Mapping[str, int]) -> None:
        """Add a delivery to the stock."""
        for sku, quantity in units.items():
            self.available[sku] = self.available.get(sku, 0) + quantity

    def _created(self, order: OrderModel, data: Data) -> None:
        _require(len(order.facts) == 1, "created after something else was decided on it")
        _require(data.get("gift_message") == self.gifts.get(order.email), "created with another gift message")

    def _reserved(self, order: OrderModel, _: Data) -> None:
        _require(order.has("OrderCreated"), "reserved before it was created")
        _require(not order.has("InventoryRejected"), "reserved and rejected")
        _require(order.units("InventoryReserved") == order.units("OrderCreated"), "reserved other SKUs")
        for sku, quantity in order.units("InventoryReserved").items():
            self.available[sku] -= quantity
            _require(self.available[sku] >= 0, f"{sku} is oversold")

    def _released(self, order: OrderModel, _: Data) -> None:
        _require(order.has("OrderCancelled"), "released and not cancelled")
        _require(order.has("InventoryReserved"), "released and never reserved")
        _require(order.units("InventoryReleased") == order.units("InventoryReserved"), "released other units")
        for sku, quantity in order.units("InventoryReleased").items():
            self.available[sku] += quantity


def _rejected(order: OrderModel, data: Data) -> None:
    _require(not order.has("InventoryReserved"), "rejected and reserved")
    _require(data["reason"] != "order_cancelled" or order.has("OrderCancelled"), "refused without reason")


def _processed(order: OrderModel, data: Data) -> None:
    _require(order.has("InventoryReserved"), "paid before it was reserved")
    _require(not order.has("PaymentDeclined"), "paid and declined")
    _require(data["amount"] == order.total, "paid another sum")


def _declined(order: OrderModel, data: Data) -> None:
    _require(not order.has("PaymentProcessed"), "declined and paid")
    cause = "OrderCancelled" if data["reason"] == "order_cancelled" else "InventoryReserved"
    _require(order.has(cause), f"declined without {cause}")


def _refunded(order: OrderModel, data: Data) -> None:
    _require(order.has("OrderCancelled"), "refunded and not cancelled")
    _require(order.has("PaymentProcessed"), "refunded and never paid")
    _require(data["amount"] == order.facts["PaymentProcessed"]["amount"], "refunded another sum")


def _confirmed(order: OrderModel, data: Data) -> None:
    _require(order.has("PaymentProcessed"), "confirmed and not paid")
    _require(not order.has("OrderCancelled"), "confirmed after it was cancelled")
    _require(order.same(data, "ship_to", "gift_message"), "confirmed for somebody else")


def _cancelled(order: OrderModel, data: Data) -> None:
    reason = data["reason"]
    _require(order.has("OrderCreated"), "cancelled before it was created")
    _require(not order.has("ShipmentScheduled"), "cancelled after it was shipped")
    _require(order.same(data), "cancelled for somebody else")
    _require(reason in CANCELLING_REASONS or not order.has("OrderConfirmed"), f"confirmed, then {reason}")
    causes = {
        "out_of_stock": "InventoryRejected",
        "payment_declined": "PaymentDeclined",
        "fraud_suspected": "FraudSuspected",
    }
    _require(reason not in causes or order.has(causes[reason]), f"cancelled without cause: {reason}")


def _scheduled(order: OrderModel, data: Data) -> None:
    _require(order.has("OrderConfirmed"), "shipped and not confirmed")
    _require(not order.has("OrderCancelled"), "shipped after it was cancelled")
    _require(order.same(data, "gift_message"), "shipped with another gift message")


def _suspected(order: OrderModel, _: Data) -> None:
    _require(order.has("OrderCreated"), "suspected before it was created")


def _require(holds: bool, violation: str) -> None:
    if not holds:
        raise NonconformingError(violation)
