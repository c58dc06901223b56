"""A shop whose facts go to Azure and to Google, and what became of them."""

from pocketcloud import OfflineCloud, Undelivered
from tests.workflow.bridges.azure import Azure
from tests.workflow.bridges.google import Google
from tests.workflow.invariants import SHIPPED, UNSUBSCRIBED
from tests.workflow.shop import PREFIX, Shop, an_order

FACTS = ("OrderConfirmed", "OrderCancelled", "ShipmentScheduled")
"""The facts that both neighbours get."""


class LinkedShop:
    """The shop and its two neighbours."""

    def __init__(self, cloud: OfflineCloud, azure_port: int, google_port: int) -> None:
        self.cloud, self.shop = cloud, Shop(cloud)
        self.shop.open()
        self._ports = azure_port, google_port
        self.azure, self.google = Azure(self._now, azure_port), Google(self._now, google_port)

    def close(self) -> None:
        """Stop the neighbours."""
        self.azure.stop()
        self.google.stop()

    def restart_azure(self) -> None:
        """Start an empty hub at the address of the stopped one."""
        self.azure = Azure(self._now, self._ports[0])

    def restart_google(self) -> None:
        """Start empty topics at the address of the stopped ones."""
        self.google = Google(self._now, self._ports[1])

    def place(self, key: str = "k1") -> str:
        """Place an order that will be shipped; return its id."""
        return self.shop.place(an_order(), key=key)

    def order(self, key: str = "k1") -> str:
        """Place an order, and wait until nothing is in flight."""
        order_id = self.place(key)
        self.cloud.settle()
        return order_id

    def sent_ids(self, order_id: str) -> list[str]:
        """Return the ids of the order's events that each neighbour must have, sorted."""
        return sorted(event["id"] for event in self.shop.events(order_id) if event["type"] in FACTS)

    def is_shipped(self, order_id: str) -> bool:
        """Whether the order has been shipped, and nothing else happened to it."""
        return self.shop.facts(order_id) == SHIPPED

    def undelivered(self) -> list[Undelivered]:
        """Return the dropped and dead-lettered events, except facts without a consumer."""
        return [each for each in self.cloud.undelivered if each.where not in UNSUBSCRIBED]

    def fired_alarms(self) -> set[str]:
        """Return the alarms that fired, including those that returned to OK."""
        changes = self.cloud.alarms.changes
        return {each.alarm.removeprefix(f"{PREFIX}-") for each in changes if each.after == "ALARM"}

    def _now(self) -> float:
        return self.cloud.clock.now().timestamp()
