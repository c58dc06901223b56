"""The limits of orders that a customer may place in a minute, and have open, over the HTTP API.

A customer's row names orders, each with its minute. An order is added in the transaction that creates it,
so none is uncounted and a repeated request adds nothing. Nothing is written when an order ends: only when the
row is full does the event log say which orders have ended, and those are removed. Partners place orders for
their own customers, and have no limit here
(docs/decisions/0092-open-orders-are-counted-when-the-row-is-full.md).
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Self

import msgspec

from functions.shared.event_store.attributes import Item, number, text
from functions.shared.event_store.event_log import Change
from functions.shared.runtime.clients import dynamodb
from functions.shared.runtime.environment import required

USUAL_ROOM = 15
"""Orders in a row of less than 1 KiB, which costs two write units in a transaction."""
KEPT = timedelta(days=7)
"""Orders older than this do not count: a log that was restored may lack them."""
WAIT_SECONDS = 60
"""When to come back with all orders open: one may end at any time."""


class TooManyOrdersError(Exception):
    """The customer has placed, or has open, as many orders as the stage allows."""

    def __init__(self, seconds_left: int, *, detail: str) -> None:
        super().__init__(detail)
        self.seconds_left = seconds_left
        """The seconds after which another order may be accepted."""
        self.detail = detail


class Placement(msgspec.Struct, frozen=True):
    """An order in the row of its customer."""

    order_id: str
    minute: int
    """Since 1970."""

    @classmethod
    def of(cls, entry: str) -> Self:
        """Return the placement that the row's text means."""
        minute, _, order_id = entry.partition("#")
        return cls(order_id, int(minute))

    def as_entry(self) -> str:
        """Return its text in the row."""
        return f"{self.minute}#{self.order_id}"


def minute_of(time: datetime) -> int:
    """Return the minute since 1970 in which the time is."""
    return int(time.timestamp()) // 60


def usual_room() -> int:
    """Return how many orders a row may have without a look at them: within both limits in any case."""
    return min(USUAL_ROOM, _per_minute(), _open_orders())


def counted(order_id: str, customer_id: str, now: datetime, *, room: int) -> Change:
    """Return a change that adds an order; its condition fails if the row has `room` orders already."""
    return {
        "Update": {
            "TableName": required("PLACEMENTS_TABLE"),
            "Key": _key(customer_id),
            "UpdateExpression": "ADD orders :order SET expires_at = :expires",
            "ConditionExpression": "attribute_not_exists(orders) OR size(orders) < :room",
            "ExpressionAttributeValues": {
                ":order": _entries([Placement(order_id, minute_of(now))]),
                ":room": number(room),
                ":expires": number(int((now + KEPT).timestamp())),
            },
        }
    }


def make_room(customer_id: str, now: datetime, *, ended: Callable[[Sequence[str]], set[str]]) -> int:
    """Remove what no longer counts from the row, and return the room that one more order needs.

    Raises:
        TooManyOrdersError: a limit is reached.
    """
    placed, minute = _read(customer_id), minute_of(now)
    if sum(each.minute == minute for each in placed) >= _per_minute():
        raise TooManyOrdersError(seconds_left(now), detail="you place too many orders; wait")
    over = ended([each.order_id for each in placed])
    is_open = {each for each in placed if each.order_id not in over and each.minute > minute_of(now - KEPT)}
    if len(is_open) >= _open_orders():
        raise TooManyOrdersError(WAIT_SECONDS, detail="too many of your orders are open; wait for one to end")
    counting = is_open | {each for each in placed if each.minute == minute}
    _remove(customer_id, [each for each in placed if each not in counting])
    return len(counting) + 1


def seconds_left(now: datetime) -> int:
    """Return the seconds until the next minute, at least one."""
    return 60 - now.second


def _read(customer_id: str) -> list[Placement]:
    response = dynamodb().get_item(
        TableName=required("PLACEMENTS_TABLE"), Key=_key(customer_id), ConsistentRead=True
    )
    return [Placement.of(entry) for entry in response.get("Item", {}).get("orders", {}).get("SS", [])]


def _remove(customer_id: str, placements: Sequence[Placement]) -> None:
    """Remove them for good: an order that has ended stays so, and its minute does not come back."""
    if placements:
        dynamodb().update_item(
            TableName=required("PLACEMENTS_TABLE"),
            Key=_key(customer_id),
            UpdateExpression="DELETE orders :over",
            ExpressionAttributeValues={":over": _entries(placements)},
        )


def _entries(placements: Sequence[Placement]) -> dict[str, list[str]]:
    return {"SS": [each.as_entry() for each in placements]}


def _key(customer_id: str) -> Item:
    # The name is from when a row was of a minute: CloudFormation cannot replace a table that has a name.
    return {"customer_minute": text(customer_id)}


def _per_minute() -> int:
    return int(required("ORDERS_PER_MINUTE"))


def _open_orders() -> int:
    return int(required("OPEN_ORDERS"))
