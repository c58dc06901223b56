"""The workflow, told once: for a deployed endpoint (`make deploy-check`) and for the offline cloud (pytest).

A scenario needs nothing but a `Site`, uses keys of its own, and leaves the site in order for the next.
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
    """A place where the stage stands, as a tester sees it; articles are the site's own, on its shelves."""

    def place(self, *, key: str, quantity: int = 1, card: str = "pm_card_visa") -> str:
        """Order through the HTTP API as one customer; answers the order's id."""
        ...

    def send(self, service: str, body: str) -> None:
        """Put a message into a service's queue."""
        ...

    def event(self, order: str, fact: str) -> dict[str, Any]:
        """The event that states the fact on the order, from the event log."""
        ...

    def facts(self, order: str) -> Sequence[str]:
        """What was decided on the order, oldest first."""
        ...

    def letters(self, order: str) -> Sequence[str]:
        """The subjects of the letters about the order."""
        ...

    def available(self) -> int:
        """How many pieces are for sale."""
        ...

    def dead_letters(self, service: str) -> Sequence[Mapping[str, str]]:
        """The message attributes of what lies in a service's dead-letter queue; it is empty afterwards."""
        ...

    def wait(self, met: Callable[[], bool], *, otherwise: Callable[[], str]) -> None:
        """Until the condition holds; CheckError in these words where it does not."""
        ...


def an_order_is_shipped(site: Site) -> str:
    """From checkout to shipment: one piece less for sale, three letters."""
    before = site.available()
    order = site.place(key="shipped")
    _follow(site, order, SHIPPED, letters=3)
    _require_for_sale(site, before - 1)
    return " → ".join(site.facts(order))


def a_checkout_sent_twice_is_one_order(site: Site) -> str:
    """The same key means the same order, at once and after it has been shipped."""
    before = site.available()
    order = site.place(key="twice")
    again = site.place(key="twice")
    _follow(site, order, SHIPPED, letters=3)
    late = site.place(key="twice")
    require(met=order == again == late, otherwise=f"one key made the orders {order}, {again} and {late}")
    _require_for_sale(site, before - 1)
    return "202, 202, 202: one order"


def an_event_delivered_twice_changes_nothing(site: Site) -> str:
    """Every consumer gets a fact of a finished order again, in a message of another id."""
    order = site.place(key="delivered-twice")
    _follow(site, order, SHIPPED, letters=3)
    before, facts, letters = site.available(), site.facts(order), site.letters(order)
    for service, fact in {"inventory": "OrderCreated", "payments": "InventoryReserved"}.items():
        _deliver(site, service, site.event(order, fact))
    for service in ("shipping", "notifications"):
        _deliver(site, service, site.event(order, "OrderConfirmed"))
    following = site.place(key="after-delivered-twice")
    _follow(site, following, SHIPPED, letters=3)
    require(met=site.facts(order) == facts, otherwise=f"the facts have become {site.facts(order)}")
    require(met=site.letters(order) == letters, otherwise=f"the letters have become {site.letters(order)}")
    _require_for_sale(site, before - 1)
    return "four consumers, nothing changed"


def a_declined_card_cancels_the_order(site: Site) -> str:
    """The stock is released, the order cancelled, the customer told."""
    before = site.available()
    order = site.place(key="declined", card="pm_card_chargeDeclined")
    _follow(site, order, DECLINED, letters=2)
    _require_for_sale(site, before)
    return " → ".join(site.facts(order))


def an_order_for_more_than_there_is_takes_nothing(site: Site) -> str:
    """It is rejected and cancelled, and all pieces stay for sale."""
    before = site.available()
    order = site.place(key="sold-out", quantity=99)
    _follow(site, order, SOLD_OUT, letters=2)
    _require_for_sale(site, before)
    return " → ".join(site.facts(order))


def a_message_that_is_not_json_is_parked_and_keeps_nobody_waiting(site: Site) -> str:
    """It lies in its consumer's dead-letter queue with the reason, and the next order is shipped."""
    site.send("inventory", "this is not JSON")
    order = site.place(key="beside-poison")
    _follow(site, order, SHIPPED, letters=3)
    found: list[Mapping[str, str]] = []

    def arrived() -> bool:
        found.extend(site.dead_letters("inventory"))
        return bool(found)

    site.wait(arrived, otherwise=lambda: "the poison did not arrive in the dead-letter queue")
    reasons = [attributes.get("reason") for attributes in found]
    require(met=reasons == ["json_invalid"], otherwise=f"the dead letters' reasons are {reasons}")
    return "json_invalid, at the first receive"


SCENARIOS: Mapping[str, Callable[[Site], str]] = {
    scenario.__name__.replace("_", " "): scenario
    for scenario in (
        an_order_is_shipped,
        a_checkout_sent_twice_is_one_order,
        an_event_delivered_twice_changes_nothing,
        a_declined_card_cancels_the_order,
        an_order_for_more_than_there_is_takes_nothing,
        a_message_that_is_not_json_is_parked_and_keeps_nobody_waiting,
    )
}


def _deliver(site: Site, service: str, event: dict[str, Any]) -> None:
    """The event in EventBridge's wrapping, as the bus would send it."""
    where = {"account": ACCOUNT, "region": REGION}
    wrapping = {"source": event["source"], "detail-type": event["type"], **where, "detail": event}
    site.send(service, json.dumps(wrapping))


def _follow(site: Site, order: str, way: Sequence[str], *, letters: int) -> None:
    """Until these facts are stated and so many letters sent; then nothing more may have been."""
    site.wait(
        lambda: set(way) <= set(site.facts(order)) and len(site.letters(order)) >= letters,
        otherwise=lambda: f"order {order} got no further than {site.facts(order)}, {site.letters(order)}",
    )
    facts, sent = site.facts(order), site.letters(order)
    # A cancelled order that was never paid gets the tombstone of its payment, sooner or later.
    more = set(facts) - set(way) - ({"PaymentDeclined"} if "OrderCancelled" in way else set())
    require(met=not more, otherwise=f"order {order} should be {way} and is {facts}")
    require(met=len(sent) == letters, otherwise=f"{len(sent)} letters instead of {letters}: {sent}")


def _require_for_sale(site: Site, expected: int) -> None:
    left = site.available()
    require(met=left == expected, otherwise=f"{left} pieces are for sale, not {expected}")
