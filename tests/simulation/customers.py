"""Customers and partners, who order, order again with the same key, and cancel."""

import random
from dataclasses import dataclass, field
from typing import Any

from moto.moto_api._internal import mock_random

from pocketcloud import OfflineCloud, Reply
from tests.simulation.choices import Choices
from tests.simulation.interleaving import Interleaving
from tests.simulation.invariants import Invariants
from tests.simulation.ledger import BrokenError
from tests.simulation.rollout import Rollout
from tests.simulation.tables import PREFIX
from tests.simulation.trace import Trace
from tests.workflow.shop import ADDRESS, a_checkout, checkout_entry

STOCK = {"TEAPOT": 2, "CUP": 20}
"""Two teapots for several customers, who compete for the last one."""
PRICES = {"TEAPOT": "2499", "CUP": "650"}
ACCEPTED, EXPIRED = 202, 401
CANCELLED, SHIPPED, UNAVAILABLE = 200, 409, 500
GIFT = "canary for Charles"
ORDERS = (
    {"lines": [{"sku": "TEAPOT", "quantity": 1}, {"sku": "CUP", "quantity": 2}], "gift_message": GIFT},
    {"lines": [{"sku": "CUP", "quantity": 3}], "gift_message": GIFT},
    {"lines": [{"sku": "TEAPOT", "quantity": 2}]},
    {"lines": [{"sku": "CUP", "quantity": 1}], "payment_method": "pm_card_chargeDeclined"},
    {"lines": [{"sku": "TEAPOT", "quantity": 1}], "payment_method": "pm_card_chargeDeclined"},
    {"lines": [{"sku": "TEAPOT", "quantity": 1}], "ship_to": {**ADDRESS, "country": "KP"}},
)
FREE = [{"sku": "CUP", "quantity": 1, "unit_price": 0}]


@dataclass
class Customer:
    """A customer with one order."""

    name: str
    order: dict[str, Any]
    order_id: str | None = None


@dataclass
class Customers:
    """All customers and partners, with what they have not done yet."""

    cloud: OfflineCloud
    choices: Choices
    interleaving: Interleaving
    trace: Trace
    invariants: Invariants
    rollout: Rollout
    all: list[Customer] = field(default_factory=list)
    partners: list[dict[str, Any]] = field(default_factory=list)

    def set_up(self) -> None:
        """Add stock and the customers who will order."""
        database = self.cloud.client("dynamodb")
        for sku, available in STOCK.items():
            row = {"sku": {"S": sku}, "available": {"N": str(available)}}
            database.put_item(TableName=f"{PREFIX}stock", Item=row)
            priced = {"sku": {"S": sku}, "unit_price": {"N": PRICES[sku]}, "currency": {"S": "GBP"}}
            database.put_item(TableName=f"{PREFIX}catalogue", Item=priced)
        for number in range(2 + self.choices.below(3)):
            order = {
                "email": f"canary-{number}@example.com",
                "ship_to": ADDRESS,
                "payment_method": "pm_card_visa",
            }
            self.all.append(Customer(f"customer-{number}", {**order, **self.choices.one_of(ORDERS)}))
        if self.choices.chance(0.5):
            self.partners.append(
                a_checkout(key="partner", customer="customer-p", lines=FREE, gift_message=GIFT)
            )

    def gifts(self) -> dict[str, str | None]:
        """Return the gift message of each customer's order by the customer's email address."""
        orders = [*(customer.order for customer in self.all), *self.partners]
        return {order["email"]: order.get("gift_message") for order in orders}

    def waiting(self) -> list[Customer]:
        """Return the customers whose order has not been accepted yet."""
        return [customer for customer in self.all if customer.order_id is None]

    def place_order(self, customer: Customer) -> None:
        """Place the order; a repeated request is the same order."""
        self.interleaving.execute(lambda: self._place(customer))

    def cancel(self, customer: Customer) -> None:
        """Cancel the order."""
        self.interleaving.execute(lambda: self._cancel(customer))

    def check_out(self) -> None:
        """Publish a checkout of a partner."""
        self.trace.write("partner", "ingress bus", "CheckoutCompleted")
        version = self.rollout.partner_version()
        self.cloud.put_events([checkout_entry(self.partners.pop(), version=version)])

    def _place(self, customer: Customer) -> None:
        self.trace.write(customer.name, "orders-api", "POST /orders")
        headers = {"Idempotency-Key": "key-1", **self._signed_in(customer)}
        reply = self.cloud.http("POST", "/orders", json=customer.order, headers=headers)
        self._outcome(customer, reply)
        if reply.status != ACCEPTED:
            return
        order_id = str(reply.json()["order_id"])
        if customer.order_id not in {None, order_id}:
            raise BrokenError(f"I6 {customer.name} has two orders by one key")
        if "idempotent-replayed" in reply.headers:
            self.trace.saw("an order asked for again")
        customer.order_id = order_id
        self.invariants.accepted.add(order_id)

    def _cancel(self, customer: Customer) -> None:
        path = f"/orders/{customer.order_id}/cancellation"
        self.trace.write(customer.name, "orders-api", "POST /orders/{id}/cancellation")
        reply = self.cloud.http("POST", path, headers=self._signed_in(customer))
        self._outcome(customer, reply)
        self.trace.saw({CANCELLED: "cancelled", SHIPPED: "too late to cancel"}.get(reply.status, "unsure"))
        if reply.status == CANCELLED:
            self.invariants.cancelled.add(str(customer.order_id))

    def _signed_in(self, customer: Customer) -> dict[str, str]:
        """Return the headers with a token; draw no random number, as an earlier run may have left one."""
        before = random.getstate(), mock_random.getstate()
        token = self.cloud.token(customer.name)
        random.setstate(before[0])
        mock_random.setstate(before[1])
        return {"Authorization": f"Bearer {token}"}

    def _outcome(self, customer: Customer, reply: Reply) -> None:
        self.trace.write("orders-api", customer.name, str(reply.status))
        # A token may expire on the way; the client retries with a new one.
        expected = {ACCEPTED, CANCELLED, SHIPPED, EXPIRED}
        if reply.status not in expected and reply.status < UNAVAILABLE:
            raise BrokenError(f"I6 {customer.name} got {reply.status}: {reply.body!r}")
