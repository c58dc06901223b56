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


def label_of(body: str) -> Label | None:
    """Return the label of the event in a message; None without an event."""
    return next(_labels(body), None)


def bus_event_in(body: str) -> str:
    """Return the body without SNS's envelope."""
    notification = read_as(body, _Notification)
    return notification.message if notification else body


def _labels(body: str) -> Iterator[Label]:
    event = bus_event_in(body)
    if wrapped := read_as(event, _BusEvent):
        yield wrapped.detail
    if typed := read_as(event, _TypedBusEvent):
        yield Label(source=typed.source, type=typed.type)
    bare = read_as(event, Label)
    if bare and UNREADABLE not in {bare.id, bare.type}:
        yield bare


def read_as(document: str, into: type[T]) -> T | None:
    """Return the document as that type; None if it is another."""
    try:
        return msgspec.json.decode(document, type=into)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
