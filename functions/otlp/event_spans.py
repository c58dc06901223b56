"""The spans of an event: one that creates it, and one for each function that processes it.

They have OpenTelemetry's names for messaging, and the CloudEvents attributes.
https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
https://opentelemetry.io/docs/specs/semconv/registry/attributes/cloudevents/
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from functions.otlp.span import Span, SpanEvent, SpanKind, span_id_of

SYSTEMS = {"create": "aws.dynamodb", "send": "aws.eventbridge", "process": "aws_sqs"}


class TracedEvent(Protocol):
    """The parts of an event that a span uses; its data is not among them."""

    @property
    def id(self) -> str:
        """The event's id."""

    @property
    def type(self) -> str:
        """The fact's name."""

    @property
    def owner(self) -> str:
        """The service that decided it."""

    @property
    def time(self) -> datetime:
        """When it was decided."""

    @property
    def causation_id(self) -> str:
        """The event or request that caused it."""

    @property
    def correlation_id(self) -> str:
        """The conversation."""

    @property
    def traceparent(self) -> str:
        """The trace id, and the id of the span that creates the event."""

    @property
    def reason(self) -> str | None:
        """The reason in its data: a code of a closed list."""


class Handling(msgspec.Struct, frozen=True):
    """One function's handling of an event, all its attempts together."""

    function: str
    service: str
    first_at: datetime
    at: datetime
    attributes: Mapping[str, str | int]
    events: Sequence[SpanEvent] = ()
    error: str | None = None


def decided(effect: TracedEvent, function: str) -> Handling:
    """Return the handling that an event proves: its owner has handled the cause by then."""
    return Handling(function, effect.owner, effect.time, effect.time, {"orderbus.outcome": "handled"})


def creation(event: TracedEvent, subject: str, event_log: str, *, parent: str | None) -> Span:
    """Return the span that creates the event, in the span of the function that processed its cause."""
    return Span(
        trace_id=context_of(event)[0],
        span_id=context_of(event)[1],
        parent_id=parent,
        service=event.owner,
        name=f"create {event.type}",
        kind=SpanKind.PRODUCER,
        start=event.time,
        end=event.time,
        attributes=message(event, subject, "create", event_log),
    )


def processing(event: TracedEvent, subject: str, handling: Handling, *, published: datetime) -> Span:
    """Return the span of a function that processes the event."""
    return Span(
        trace_id=context_of(event)[0],
        span_id=span_id_of(event.id, handling.function),
        parent_id=context_of(event)[1],
        service=handling.service,
        name=f"process {event.type}",
        kind=SpanKind.CONSUMER,
        start=min(published, handling.first_at),
        end=handling.at,
        # A queue has the name of its function.
        attributes={**message(event, subject, "process", handling.function), **handling.attributes},
        links=[context_of(event)],
        events=handling.events,
        error=handling.error,
    )


def message(event: TracedEvent, subject: str, operation: str, destination: str) -> dict[str, str | int]:
    """Return the attributes of a message that is created, sent or processed."""
    return {
        "messaging.system": SYSTEMS[operation],
        "messaging.operation.type": operation,
        "messaging.operation.name": operation,
        "messaging.destination.name": destination,
        "messaging.message.id": event.id,
        "messaging.message.conversation_id": event.correlation_id,
        "cloudevents.event_id": event.id,
        "cloudevents.event_source": event.owner,
        "cloudevents.event_type": event.type,
        "cloudevents.event_spec_version": "1.0",
        "cloudevents.event_subject": subject,
        **({"orderbus.reason": event.reason} if event.reason else {}),
    }


def context_of(event: TracedEvent) -> tuple[str, str]:
    """Return the event's trace id and the id of the span that creates it."""
    _, trace_id, span_id, _ = event.traceparent.split("-")
    return trace_id, span_id
