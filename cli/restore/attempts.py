"""The payment attempt that the facts of an order call for. Pure.

A capture at the gateway is found by its idempotency key, so an attempt without an outcome is listed for
reconciliation, which asks the gateway. Listing one that is still in its queue does no harm: both use the key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.contracts.inventory import InventoryReserved
from functions.contracts.orders import OrderCancelled
from functions.contracts.payments import PaymentDeclined, PaymentProcessed, PaymentRefunded
from functions.payments.attempt import Status
from functions.payments.attempt_row import is_tombstone, new_row, written
from functions.shared.contracts.envelope import Event
from functions.shared.event_store.attributes import text, texts
from functions.shared.event_store.open_items import shard_of, sortable

Row = Mapping[str, Any]
OrderEvents = Mapping[str, Event[Any]]
"""The events of one order by the names of their facts."""
LISTED = ("open_in", "due_at")


def attempt_of(events: OrderEvents, row: Row | None, *, now: datetime) -> Row | None:
    """Return the row as it should be; None if the order needs none."""
    reserved = events.get(InventoryReserved.__name__)
    declined = events.get(PaymentDeclined.__name__)
    if row is not None and (is_tombstone(row) or row["status"]["S"] == Status.DISPUTED):
        return row  # a dispute is in no fact
    if reserved is None:
        return row or (texts(order_id=declined.subject, status=Status.CANCELLED) if declined else None)
    base = dict(row or new_row(reserved.fact, cause=reserved.as_cause(), now=reserved.time))
    paid, cancelled = events.get(PaymentProcessed.__name__), events.get(OrderCancelled.__name__)
    settled = _settled(events)
    if settled is None and paid is None and base["status"]["S"] == Status.REFUNDED:
        settled = Status.REFUNDED  # the log lost it: the money is back, and the order ends at its deadline
    if settled is not None:
        return _closed(base, settled)
    if base["status"]["S"] == Status.DECLINED:
        # The log lost the event: the gateway repeats its response to the same key.
        base["status"] = text(Status.STARTED)
    if cancelled is not None and (paid is None or paid.fact.amount.amount > 0):
        status = Status.CAPTURED if paid else Status(base["status"]["S"])
        return _listed({**base, "status": text(status)}, now, cancelled)
    if paid is None:
        return _listed(base, now)
    # The event alone records a capture; only a listed row says so, too (docs/decisions/0040).
    return _closed(base, Status.CAPTURED) if "open_in" in base else base


def _settled(events: OrderEvents) -> Status | None:
    if PaymentRefunded.__name__ in events:
        return Status.REFUNDED
    return Status.DECLINED if PaymentDeclined.__name__ in events else None


def _closed(row: Row, status: Status) -> Row:
    return {**{name: value for name, value in row.items() if name not in LISTED}, "status": text(status)}


def _listed(row: Row, now: datetime, cancelled: Event[Any] | None = None) -> Row:
    order_id = row["order_id"]["S"]
    listed = {"open_in": text(shard_of(order_id)), "due_at": text(sortable(now))}
    request = (
        {}
        if cancelled is None
        else {
            "called_off_by": text(written(cancelled.as_cause())),
            "called_off_at": text(sortable(cancelled.time)),
        }
    )
    return {**listed, **request, **row}
