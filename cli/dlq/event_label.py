"""The readable part of an event in a dead-lettered message, however malformed the rest."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from functions.contracts.values import is_order_id

UNREADABLE = "-"

T = TypeVar("T")


class Label(Struct, frozen=True):
    """The identifying attributes of an event; `-` for a missing one."""

    id: str = UNREADABLE
    source: str = UNREADABLE
    type: str = UNREADABLE
    subject: str = UNREADABLE
    dataschema: str = UNREADABLE

    @property
    def order(self) -> str:
        """The id of the event's order."""
        return self.subject if is_order_id(self.subject) else UNREADABLE


class _BusEvent(Struct, frozen=True):
    detail: Label


class _TypedBusEvent(Struct, frozen=True):
    """A bus event whose detail is not an event; only its outer attributes are known."""

    source: str
    type: str = msgspec.field(name="detail-type")


class _Notification(Struct, frozen=True, tag_field="Type", tag="Notification"):
    message: str = msgspec.field(name="Message")


class Arrivals(Struct, frozen=True):
    """When the discarded records arrived, and their number."""

    first: str = msgspec.field(name="approximateArrivalOfFirstRecord")
    last: str = msgspec.field(name="approximateArrivalOfLastRecord")
    batch_size: int = msgspec.field(name="batchSize")


class _Condition(Struct, frozen=True):
    condition: str = "unknown"


class DiscardedBatch(Struct, frozen=True):
    """Lambda's message about discarded records of a stream; their content is missing.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """

    arrivals: Arrivals = msgspec.field(name="DDBStreamBatchInfo")
    request: _Condition = msgspec.field(name="requestContext", default=_Condition())


def label_of(body: str) -> Label | None:
    """Return the label of the event in a message; None without an event."""
    return next(_labels(body), None)


def bus_event_in(body: str) -> str:
    """Return the body without SNS's envelope."""
    notification = _read(body, _Notification)
    return notification.message if notification else body


def discarded_batch(body: str) -> DiscardedBatch | None:
    """Return Lambda's message about discarded records; None for any other message."""
    return _read(body, DiscardedBatch)


def _labels(body: str) -> Iterator[Label]:
    event = bus_event_in(body)
    if wrapped := _read(event, _BusEvent):
        yield wrapped.detail
    if typed := _read(event, _TypedBusEvent):
        yield Label(source=typed.source, type=typed.type)
    bare = _read(event, Label)
    if bare and UNREADABLE not in {bare.id, bare.type}:
        yield bare


def _read(document: str, into: type[T]) -> T | None:
    try:
        return msgspec.json.decode(document, type=into)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
