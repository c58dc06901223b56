"""A purchasing team in another account: it replenishes what ran low, and sees it arrive."""

from orderbus_client import Event, EventConsumer, MemoryProcessedEvents, Publisher, new_event
from orderbus_client.events import StockAdded, StockLine, StockRanLow, StockReplenished


class Buyer:
    """Sends one delivery for each shortage."""

    def __init__(self, publisher: Publisher, *, quantity: int) -> None:
        """Deliver this quantity of each SKU that ran low."""
        self._publisher = publisher
        self._quantity = quantity
        self.added: list[str] = []
        self.consumer = EventConsumer(
            {StockRanLow: self._deliver, StockAdded: self._note}, processed=MemoryProcessedEvents()
        )

    def _deliver(self, shortage: Event[StockRanLow]) -> None:
        """Publish a delivery whose id is the shortage's: a second attempt adds nothing."""
        lines = (StockLine(sku=shortage.fact.sku, quantity=self._quantity),)
        delivery = StockReplenished(replenishment_id=shortage.id, lines=lines)
        event = new_event(delivery, subject=shortage.id, key="delivery", cause=shortage.as_cause())
        self._publisher.publish([event]).required()

    def _note(self, addition: Event[StockAdded]) -> None:
        self.added.extend(line.sku for line in addition.fact.lines)
