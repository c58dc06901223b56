"""Where an event belongs, for a log line about it: ids that somebody can search for, and nothing it says."""

from typing import Any, Self

import msgspec
from msgspec import Raw, Struct

from functions.contracts.values import OrderId
from functions.shared.contracts.delivery import UNREADABLE, detail_of, label, labels_of_document
from functions.shared.contracts.envelope import Cause, EventId, Traceparent


class _Followed(Struct, frozen=True):
    correlationid: EventId
    traceparent: Traceparent


class _AboutAnOrder(Struct, frozen=True):
    subject: OrderId


class LogContext(msgspec.Struct, frozen=True, kw_only=True):
    """An event's ids; `-` where they cannot be read. A subject of a partner's choice is none of them."""

    event_id: str = UNREADABLE
    schema: str = UNREADABLE
    order_id: str = UNREADABLE
    correlation_id: str = UNREADABLE
    trace_id: str = UNREADABLE

    @classmethod
    def of(cls, body: str) -> Self:
        """That of the event in a queue message."""
        detail = detail_of(body)
        return cls() if detail is None else cls.of_document(detail)

    @classmethod
    def of_document(cls, document: str | Raw) -> Self:
        """That of a CloudEvents document."""
        event_id, schema = labels_of_document(document)
        followed, about = label(document, _Followed), label(document, _AboutAnOrder)
        return cls(
            event_id=event_id,
            schema=schema,
            order_id=about.subject if about else UNREADABLE,
            correlation_id=followed.correlationid.lower() if followed else UNREADABLE,
            trace_id=trace_id_of(followed.traceparent) if followed else UNREADABLE,
        )

    @classmethod
    def of_cause(cls, cause: Cause, *, order_id: str = UNREADABLE) -> Self:
        """That of what is done because of an event or a request; that is named as the event."""
        return cls(
            event_id=cause.id,
            order_id=order_id,
            correlation_id=cause.correlation_id,
            trace_id=trace_id_of(cause.traceparent),
        )

    def as_fields(self) -> dict[str, Any]:
        """The fields of a log line."""
        return msgspec.structs.asdict(self)


def trace_id_of(traceparent: str) -> str:
    """The id of the whole trace (https://www.w3.org/TR/trace-context/)."""
    return traceparent.split("-")[1]
