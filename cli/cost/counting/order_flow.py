"""Place and cancel an order on the offline cloud, as its customer."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.sample_orders import CURRENCY, PRICES, SCARCE, SampleLine, SampleOrder, seeded_random
from cli.demo.submit import checkout_entry
from infrastructure.names import Names
from pocketcloud import OfflineCloud

SKUS = tuple(sorted(PRICES.keys() - {SCARCE}))
CARD = "pm_card_visa"
CUSTOMER = "customer-1"
SHIP_TO = {
    "name": "Ada Lovelace",
    "street": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
_STEP_MS = 20
_MAXIMUM_STEPS = 3_000


def order_request(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any field of the request
    """Return the body of `POST /orders` for one item of each of three SKUs, with these fields changed."""
    return {
        "lines": [{"sku": sku, "quantity": 1} for sku in SKUS],
        "email": f"{CUSTOMER}@example.com",
        "ship_to": SHIP_TO,
        "payment_method": CARD,
        "total": {"amount": sum(PRICES[sku] for sku in SKUS), "currency": CURRENCY},
        **changes,
    }


@dataclass
class OrderFlow:
    """One customer and one order."""

    cloud: OfflineCloud
    names: Names
    http_requests: int = 0
    order_id: str = ""

    def place(self, request: dict[str, Any]) -> None:
        """Place the order; raise CommandError if it is rejected."""
        reply = self._send("POST", "/orders", HTTPStatus.ACCEPTED, json=request)
        self.order_id = str(reply["order_id"])

    def check_out(self) -> None:
        """Put a partner's checkout of the same order on the ingress bus."""
        lines = tuple(SampleLine(sku, 1, PRICES[sku]) for sku in SKUS)
        order = SampleOrder(key="order-1", customer=CUSTOMER, lines=lines)
        now, random = self.cloud.clock.now(), seeded_random(0)
        self.cloud.put_events([checkout_entry(order, bus=self.names.ingress_bus, now=now, random=random)])
        self.cloud.settle()
        events = (hop.event for hop in self.cloud.journal.hops)
        self.order_id = next(event.subject for event in events if event and event.type == "OrderCreated")

    def cancel(self, expected: HTTPStatus = HTTPStatus.OK) -> None:
        """Request the cancellation, with that response."""
        self._send("POST", f"/orders/{self.order_id}/cancellation", expected)

    def status(self) -> str:
        """Return the order's status, with the reason of a cancellation; nobody pays for this request."""
        view = self.cloud.http("GET", f"/orders/{self.order_id}", customer=CUSTOMER).json()
        reason = view.get("cancellation_reason")
        return f"{view['status']} ({reason})" if reason else str(view["status"])

    def advance_to(self, fact: str) -> None:
        """Advance the clock until the fact is recorded."""
        for _ in range(_MAXIMUM_STEPS):
            hops = self.cloud.journal.of(self.order_id)
            if any(hop.event is not None and hop.event.type == fact for hop in hops):
                return
            self.cloud.advance(milliseconds=_STEP_MS)
        raise _unexpected(f"no {fact}")

    def _send(self, method: str, path: str, expected: HTTPStatus, json: object = None) -> dict[str, Any]:
        self.http_requests += 1
        reply = self.cloud.http(
            method, path, json=json, headers={"Idempotency-Key": "order-1"}, customer=CUSTOMER
        )
        if reply.status != expected:
            raise _unexpected(f"{method} {path} returned {reply.status}: {reply.body}")
        document: dict[str, Any] = reply.json()
        return document


def _unexpected(what: str) -> CommandError:
    return CommandError(
        f"An order offline did not go as expected: {what}",
        hint="The paths of an order have changed: adapt cli/cost/counting/paths.py.",
        code=ExitCode.OPEN_ORDERS,
    )
