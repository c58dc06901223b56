# Copied from functions/shared/contracts/log_context.py by `python -m client_package`: change the original.
"""The ids of an event for log lines: enough to search by, and none of its content."""

import re
from functools import cache
from typing import Any, Self, TypeVar

import msgspec
from msgspec import Raw, Struct
from msgspec.structs import replace

from orderbus_client.contracts.shared.codec import Rejected, decode
from orderbus_client.contracts.shared.domain_contracts import domain_contracts
from orderbus_client.contracts.shared.envelope import Cause, Envelope, EventId, Traceparent

UNREADABLE = "-"
"""Stands for an id that is missing or malformed."""

T = TypeVar("T")


class _Ids(Struct, frozen=True):
    """The ids in a CloudEvents document, not yet decoded."""

    id: Raw = Raw()
    dataschema: Raw = Raw()
    subject: Raw = Raw()
    correlationid: Raw = Raw()
    traceparent: Raw = Raw()


class LogContext(Struct, frozen=True, kw_only=True):
    """The ids of an event; `UNREADABLE` for an id that is malformed, and for a subject a partner chose."""

    event_id: str = UNREADABLE
    schema: str = UNREADABLE
    subject: str = UNREADABLE
    correlation_id: str = UNREADABLE
    trace_id: str = UNREADABLE

    @classmethod
    def of_envelope(cls, envelope: Envelope) -> Self:
        """Return the ids in a valid CloudEvents document."""
        return cls(
            event_id=envelope.id.lower(),
            schema=_known_schema(envelope.dataschema),
            subject=_loggable(envelope.subject),
            correlation_id=envelope.correlationid.lower(),
            trace_id=trace_id_of(envelope.traceparent),
        )

    @classmethod
    def of_document(cls, document: str | Raw) -> Self:
        """Return the readable ids in a document that may be malformed."""
        ids = _read(document, _Ids)
        if ids is None:
            return cls()
        correlation_id, traceparent = _read(ids.correlationid, EventId), _read(ids.traceparent, Traceparent)
        context = cls(
            event_id=(_read(ids.id, EventId) or UNREADABLE).lower(),
            schema=_known_schema(_read(ids.dataschema, str) or ""),
            subject=_loggable(_read(ids.subject, str)),
        )
        if correlation_id is None or traceparent is None:
            return context
        return replace(context, correlation_id=correlation_id.lower(), trace_id=trace_id_of(traceparent))

    @classmethod
    def of_cause(cls, cause: Cause, *, subject: str = UNREADABLE) -> Self:
        """Return the log context of work caused by this event or request."""
        return cls(
            event_id=cause.id,
            subject=subject,
            correlation_id=cause.correlation_id,
            trace_id=trace_id_of(cause.traceparent),
        )

    def as_fields(self) -> dict[str, Any]:
        """Return the fields of a log line."""
        return {
            "event_id": self.event_id,
            "schema": self.schema,
            domain_contracts().log_field: self.subject,
            "correlation_id": self.correlation_id,
            "trace_id": self.trace_id,
        }


def trace_id_of(traceparent: str) -> str:
    """Return the id of the whole trace (https://www.w3.org/TR/trace-context/)."""
    return traceparent.split("-")[1]


def _known_schema(text: str) -> str:
    return text if _schema_pattern().fullmatch(text) else UNREADABLE


@cache
def _schema_pattern() -> re.Pattern[str]:
    urn = re.escape(domain_contracts().urn)
    return re.compile(rf"{urn}:schema:[a-z]{{1,40}}:[A-Za-z]{{1,60}}:[0-9]{{1,4}}")


def _loggable(subject: str | None) -> str:
    try:
        loggable: str = msgspec.convert(subject, domain_contracts().log_type)
    except msgspec.ValidationError:
        return UNREADABLE
    return loggable


def _read(document: str | Raw, into: type[T]) -> T | None:
    try:
        return decode(document, into, "id_unreadable")
    except Rejected:
        return None
