"""A span of a distributed trace, as OpenTelemetry defines it, and what its identifiers are made of.

https://opentelemetry.io/docs/specs/otel/trace/api/#span
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum

import msgspec


class SpanKind(IntEnum):
    """The kinds used, with their numbers in OTLP."""

    SERVER = 2
    CLIENT = 3
    PRODUCER = 4
    CONSUMER = 5


class SpanEvent(msgspec.Struct, frozen=True):
    """Something that happened during a span, such as a failed attempt."""

    at: datetime
    name: str
    attributes: Mapping[str, str]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the journey; `trace_id` has 32 and `span_id` 16 hexadecimal digits."""

    trace_id: str
    span_id: str
    parent_id: str | None
    service: str
    name: str
    kind: SpanKind
    start: datetime
    end: datetime
    attributes: Mapping[str, str | int]
    links: Sequence[tuple[str, str]] = ()
    """The trace id and span id of each message's creation."""
    events: Sequence[SpanEvent] = ()
    error: str | None = None
    """Why the step failed for good."""


def span_id_of(*names: str) -> str:
    """Return an id made from names: the same span has the same id in every export."""
    return hashlib.sha256("|".join(names).encode()).hexdigest()[:16]
