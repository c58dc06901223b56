"""The row of an attempt in the attempts table."""

from datetime import datetime

import msgspec

from functions.contracts.inventory import InventoryReserved
from functions.contracts.values import Money
from functions.payments.attempt import Attempt, CancellationRequest, Status
from functions.shared.contracts.envelope import Cause
from functions.shared.event_store.attributes import Item, number, texts
from functions.shared.event_store.open_items import sortable


def new_row(reserved: InventoryReserved, *, cause: Cause, now: datetime) -> Item:
    """Return the row of a first attempt."""
    return {
        **texts(order_id=reserved.order_id, status=Status.STARTED, cause=written(cause)),
        **texts(currency=reserved.total.currency, payment_method=reserved.payment_method),
        **texts(first_at=sortable(now), last_at=sortable(now)),
        "amount": number(reserved.total.amount),
        "tries": number(1),
    }


def is_tombstone(row: Item) -> bool:
    """Return whether the row only says that the order was cancelled before its charge."""
    return "amount" not in row


def read(row: Item) -> Attempt:
    """Return the attempt in the row, which is no tombstone."""
    cancelled_by = row.get("cancelled_by")
    return Attempt(
        order_id=row["order_id"]["S"],
        status=Status(row["status"]["S"]),
        amount=msgspec.convert(
            {"amount": int(row["amount"]["N"]), "currency": row["currency"]["S"]}, type=Money
        ),
        method=row["payment_method"]["S"],
        cause=msgspec.json.decode(row["cause"]["S"], type=Cause),
        tries=int(row["tries"]["N"]),
        first_at=datetime.fromisoformat(row["first_at"]["S"]),
        is_listed="open_in" in row,
        cancellation=CancellationRequest(
            cause=msgspec.json.decode(cancelled_by["S"], type=Cause),
            at=datetime.fromisoformat(row["cancelled_at"]["S"]),
        )
        if cancelled_by
        else None,
    )


def written(cause: Cause) -> str:
    """Return the cause as JSON."""
    return msgspec.json.encode(cause).decode()
