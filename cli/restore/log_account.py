"""The state that follows from the event log: the stock, and the events of each order."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from cli.restore.attempts import OrderEvents
from cli.restore.stock_rows import StockAccount
from functions.contracts.order_fact import OrderFact
from functions.contracts.orders import OrderCancelled, OrderConfirmed, OrderCreated
from functions.contracts.shipping import ShipmentScheduled
from functions.shared.contracts.codec import Rejected, UnknownFactError, read
from functions.shared.contracts.envelope import Event

ENDS = (ShipmentScheduled.__name__, OrderCancelled.__name__)


class LogAccount(Struct, kw_only=True):
    """All orders and the stock, from one read of the whole log."""

    stock: StockAccount = field(default_factory=StockAccount)
    orders: dict[str, dict[str, Event[Any]]] = field(default_factory=lambda: defaultdict(dict))
    unreadable: list[str] = field(default_factory=list)
    """Keys of rows whose event this version cannot read; what depends on them may be wrong."""

    def take(self, row: Mapping[str, Any]) -> None:
        """Add a row of the log."""
        try:
            event = read(row["event"]["S"])
        except (KeyError, Rejected, UnknownFactError):
            self.unreadable.append(f"{row['pk']['S']} {row['sk']['S']}")
            return
        self.stock.book(event.fact)
        if isinstance(event.fact, OrderFact):
            self.orders[event.subject][type(event.fact).__name__] = event

    def created(self) -> Iterator[tuple[str, OrderEvents]]:
        """Yield each order that the log knows the creation of."""
        for order_id, events in self.orders.items():
            if OrderCreated.__name__ in events:
                yield order_id, events


def is_open(events: OrderEvents) -> bool:
    """Return whether the order is neither shipped nor cancelled."""
    return not any(end in events for end in ENDS)


def claimed_by(events: OrderEvents) -> str | None:
    """Return the service that shipped the order, or cancelled it after its confirmation."""
    if ShipmentScheduled.__name__ in events:
        return ShipmentScheduled.owner
    is_late = OrderConfirmed.__name__ in events and OrderCancelled.__name__ in events
    return OrderCancelled.owner if is_late else None
