"""The ledger of a run: apply the event log to the model, fact by fact."""

from collections.abc import Mapping
from typing import Any

from tests.simulation.model import Model, NonconformingError
from tests.simulation.tables import Tables
from tests.simulation.trace import Trace

CAUSED_FROM_OUTSIDE = {"OrderCreated", "OrderCancelled", "StockAdded"}
"""Facts that a request or a timer can cause, instead of another fact."""


class BrokenError(AssertionError):
    """An invariant is violated; the message begins with its number."""


class Ledger:
    """Read new events of the log and apply them to the model; raise `BrokenError` for an impossible one."""

    def __init__(self, tables: Tables, stock: Mapping[str, int], trace: Trace) -> None:
        self.model = Model(stock)
        self.events: dict[str, dict[str, Any]] = {}
        """Every event by id, in order."""
        self._tables = tables
        self._trace = trace
        self._read = 0
        self._is_restored = False
        self.erased: set[str] = set()
        """The orders of erased customers, whose rows may lose personal data."""
        self.lost: set[str] = set()
        """The orders of which the log lost events for good."""

    def restored(self) -> None:
        """Read the new stream of a restored log, where known events may come again, unchanged."""
        self._read, self._is_restored = 0, True

    def lose_all_but(self, ids: set[str]) -> list[dict[str, Any]]:
        """Forget the events that a restored log lacks for good; return them."""
        known = [*self.events.values()]
        lost = [event for event in known if event["id"] not in ids]
        self.events.clear()
        self.model.orders.clear()
        self.model.available.clear()
        for event in known:
            if event["id"] in ids:
                self._take(event)
        self.lost |= {event["subject"] for event in lost}
        self.restored()
        return lost

    def catch_up(self) -> None:
        """Read the new events; raise `BrokenError` for an impossible one."""
        for change, event in self._tables.log_since(self._read):
            self._read += 1
            if change == "MODIFY" and event["subject"] in self.erased:
                self._erase(event)
            elif change != "INSERT":
                raise BrokenError(f"I8 a row of the event log saw a {change}: {event['type']}")
            else:
                self._take(event)

    def _erase(self, event: dict[str, Any]) -> None:
        before = self.events[event["id"]]
        if {**before, "data": event["data"]} != event:
            raise BrokenError(f"I8 an erasure changed more than data: {event['type']} {event['subject']}")
        self.events[event["id"]] = event

    def _take(self, event: dict[str, Any]) -> None:
        name, data = event["type"], event["data"]
        if self._is_restored and self.events.get(event["id"]) == event:
            return
        if event["id"] in self.events:
            raise BrokenError(f"I8 two rows of the event log have the id of {name} {event['subject']}")
        if name not in CAUSED_FROM_OUTSIDE and event["causationid"] not in self.events:
            raise BrokenError(f"I8 the cause of {name} {event['subject']} is not in the log")
        self.events[event["id"]] = event
        self._trace.write("log", "log", f"{name} {event['subject'][:8]}")
        self._record_rare_states(name, data)
        if name == "StockAdded":
            self.model.restock({line["sku"]: line["quantity"] for line in data["lines"]})
            return
        try:
            self.model.apply(name, data)
        except NonconformingError as error:
            if event["subject"] in self.lost:
                # A table may know a lost event, so that its consumer decides as if it were there.
                self._trace.saw("a fact whose reason was lost")
                return
            raise BrokenError(f"I4 {event['subject']}: {error}") from error

    def _record_rare_states(self, name: str, data: Mapping[str, Any]) -> None:
        """Record that a rare sequence of events was reached."""
        order = self.model.orders.get(data.get("order_id", ""))
        if order is None:
            return
        cancelled = order.has("OrderCancelled")
        if name == "PaymentProcessed" and cancelled:
            self._trace.saw("a capture after the cancellation")
        if name == "InventoryReserved" and cancelled:
            self._trace.saw("a reservation after the cancellation")
        if data.get("reason") == "order_cancelled":
            self._trace.saw(f"a tombstone instead of the {'charge' if 'Payment' in name else 'reservation'}")
        if name in {"PaymentRefunded", "InventoryReleased", "FraudSuspected"}:
            self._trace.saw(name)
        if name == "OrderCancelled":
            self._trace.saw(f"cancelled: {data['reason']}")
            if order.has("OrderConfirmed"):
                self._trace.saw("a confirmed order cancelled")
        if name == "FraudSuspected" and order.has("ShipmentScheduled"):
            self._trace.saw("fraud suspected too late")
