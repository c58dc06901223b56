"""As much of an event as can be read off a dead letter, whatever is wrong with the rest of it."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from msgspec import Struct

from functions.contracts.values import is_order_id

UNREADABLE = "-"

T = TypeVar("T")


class Label(Struct, frozen=True):
    """What an event says it is; `-` where it says nothing."""

    id: str = UNREADABLE
    source: str = UNREADABLE
    type: str = UNREADABLE
    subject: str = UNREADABLE
    dataschema: str = UNREADABLE

    @property
    def order(self) -> str:
        """The order it is about."""
        return self.subject if is_order_id(self.subject) else UNREADABLE


class _BusEvent(Struct, frozen=True):
    detail: Label


class _TypedBusEvent(Struct, frozen=True):
    """One whose detail is no event: what the bus was told must do."""

    source: str
    type: str = msgspec.field(name="detail-type")


class _Notification(Struct, frozen=True, tag_field="Type", tag="Notification"):
    message: str = msgspec.field(name="Message")


class Arrivals(Struct, frozen=True):
    """When the stream's records came that Lambda gave up: all that it says of them, but for their number."""

    first: str = msgspec.field(name="approximateArrivalOfFirstRecord")
    last: str = msgspec.field(name="approximateArrivalOfLastRecord")
    batch_size: int = msgspec.field(name="batchSize")


class _Condition(Struct, frozen=True):
    condition: str = "unknown"


class GivenUp(Struct, frozen=True):
    """What Lambda tells of a stream's records that it gave up, without their content.

    https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
    """

    arrivals: Arrivals = msgspec.field(name="DDBStreamBatchInfo")
    request: _Condition = msgspec.field(name="requestContext", default=_Condition())


def label_of(body: str) -> Label | None:
    """What the event in a message says it is; None if there is none in it."""
    return next(_labels(body), None)


def bus_event_in(body: str) -> str:
    """The body without SNS's envelope, if it has one."""
    notified = _read(body, _Notification)
    return notified.message if notified else body


def given_up(body: str) -> GivenUp | None:
    """What Lambda tells of a stream's records, if it is that."""
    return _read(body, GivenUp)


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
