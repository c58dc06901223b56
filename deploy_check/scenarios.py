"""Scenarios of the workflow, for a deployed endpoint (`make deploy-check`) and the offline cloud (pytest).

A scenario needs only a `Site`, uses its own keys, and leaves the site ready for the next one.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from deploy_check.endpoint import ACCOUNT, REGION
from deploy_check.failure import require

SHIPPED = ("OrderCreated", "InventoryReserved", "PaymentProcessed", "OrderConfirmed", "ShipmentScheduled")
DECLINED = ("OrderCreated", "InventoryReserved", "PaymentDeclined", "OrderCancelled", "InventoryReleased")
SOLD_OUT = ("OrderCreated", "InventoryRejected", "OrderCancelled")


class Site(Protocol):
    """A deployed stage with one SKU in stock."""

    def place(self, *, key: str, quantity: int = 1, card: str = "pm_card_visa") -> str:
        """Place an order over the HTTP API, and return its id."""
        ...

    def send(self, service: str, body: str) -> None:
        """Send a message to a service's queue."""
        ...

    def event(self, order: str, fact: str) -> dict[str, Any]:
        """Return the order's event of this fact from the event log."""
        ...

    def facts(self, order: str) -> Sequence[str]:
        """Return the facts of the order, oldest first."""
        ...

    def emails(self, order: str) -> Sequence[str]:
        """Return the subjects of the emails about the order."""
        ...

    def available(self) -> int:
        """Return the stock of the SKU."""
        ...

    def dead_letters(self, service: str) -> Sequence[Mapping[str, str]]:
        """Receive and delete a service's dead-lettered messages; return their attributes."""
        ...

    def wait(self, met: Callable[[], bool], *, otherwise: Callable[[], str]) -> None:
        """Wait until the condition is met; raise CheckError with the message if it is not."""
        ...


def an_order_ships(site: Site) -> str:
    """Ship an order: the stock is one less, and the customer gets three emails."""
    before = site.available()
    order = site.place(key="shipped")
    _follow(site, order, SHIPPED, emails=3)
    _require_stock(site, before - 1)
    return " → ".join(site.facts(order))


def a_checkout_sent_twice_is_one_order(site: Site) -> str:
    """Repeat a request at once and after shipment: it is the same order."""
    before = site.available()
    order = site.place(key="twice")
    again = site.place(key="twice")
    _follow(site, order, SHIPPED, emails=3)
    late = site.place(key="twice")
    require(met=order == again == late, otherwise=f"one key made the orders {order}, {again} and {late}")
    _require_stock(site, before - 1)
    return "202, 202, 202: one order"


def an_event_delivered_twice_changes_nothing(site: Site) -> str:
    """Deliver facts of a shipped order again, in messages with other ids."""
    order = site.place(key="delivered-twice")
    _follow(site, order, SHIPPED, emails=3)
    before, facts, emails = site.available(), site.facts(order), site.emails(order)
    for service, fact in {"inventory": "OrderCreated", "payments": "InventoryReserved"}.items():
        _deliver(site, service, site.event(order, fact))
    for service in ("shipping", "notifications"):
        _deliver(site, service, site.event(order, "OrderConfirmed"))
    following = site.place(key="after-delivered-twice")
    _follow(site, following, SHIPPED, emails=3)
    require(met=site.facts(order) == facts, otherwise=f"the facts are now {site.facts(order)}")
    require(met=site.emails(order) == emails, otherwise=f"the emails are now {site.emails(order)}")
    _require_stock(site, before - 1)
    return "four consumers, nothing changed"


def a_declined_card_cancels_the_order(site: Site) -> str:
    """Release the stock, cancel the order, and notify the customer."""
    before = site.available()
    order = site.place(key="declined", card="pm_card_chargeDeclined")
    _follow(site, order, DECLINED, emails=2)
    _require_stock(site, before)
    return " → ".join(site.facts(order))


def an_order_above_the_stock_reserves_nothing(site: Site) -> str:
    """Cancel an order for more than the stock, and keep the stock."""
    before = site.available()
    order = site.place(key="sold-out", quantity=99)
    _follow(site, order, SOLD_OUT, emails=2)
    _require_stock(site, before)
    return " → ".join(site.facts(order))


def a_message_that_is_not_json_is_dead_lettered_and_blocks_nothing(site: Site) -> str:
    """Dead-letter the message with a reason, and ship the next order."""
    site.send("inventory", "this is not JSON")
    order = site.place(key="beside-poison")
    _follow(site, order, SHIPPED, emails=3)
    found: list[Mapping[str, str]] = []

    def arrived() -> bool:
        found.extend(site.dead_letters("inventory"))
        return bool(found)

    site.wait(arrived, otherwise=lambda: "the invalid message did not reach the dead-letter queue")
    reasons = [attributes.get("reason") for attributes in found]
    require(
        met=reasons == ["json_invalid"], otherwise=f"the reasons of the dead-lettered messages are {reasons}"
    )
    return "json_invalid, at the first receive"


SCENARIOS: Mapping[str, Callable[[Site], str]] = {
    scenario.__name__.replace("_", " "): scenario
    for scenario in (
        an_order_ships,
        a_checkout_sent_twice_is_one_order,
        an_event_delivered_twice_changes_nothing,
        a_declined_card_cancels_the_order,
        an_order_above_the_stock_reserves_nothing,
        a_message_that_is_not_json_is_dead_lettered_and_blocks_nothing,
    )
}


def _deliver(site: Site, service: str, event: dict[str, Any]) -> None:
    """Send the event as EventBridge would deliver it."""
    target = {"account": ACCOUNT, "region": REGION}
    wrapping = {"source": event["source"], "detail-type": event["type"], **target, "detail": event}
    site.send(service, json.dumps(wrapping))


def _follow(site: Site, order: str, expected: Sequence[str], *, emails: int) -> None:
    """Wait for these facts and this number of emails; check that there are no others."""
    site.wait(
        lambda: set(expected) <= set(site.facts(order)) and len(site.emails(order)) >= emails,
        otherwise=lambda: f"order {order} got no further than {site.facts(order)}, {site.emails(order)}",
    )
    facts, sent = site.facts(order), site.emails(order)
    # A cancelled order without a payment gets PaymentDeclined, a tombstone.
    more = set(facts) - set(expected) - ({"PaymentDeclined"} if "OrderCancelled" in expected else set())
    require(met=not more, otherwise=f"order {order} should be {expected} and is {facts}")
    require(met=len(sent) == emails, otherwise=f"{len(sent)} emails instead of {emails}: {sent}")


def _require_stock(site: Site, expected: int) -> None:
    left = site.available()
    require(met=left == expected, otherwise=f"{left} items are for sale, not {expected}")
