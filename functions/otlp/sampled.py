"""The records of sampled traces on the stream, and the spans of each."""

import base64
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from functions.contracts.registry import DECISIONS, ORDER_FACTS
from functions.otlp.event_spans import creation, decided, processing
from functions.otlp.span import Span, span_id_of
from functions.shared.contracts.codec import Rejected, UnknownFactError, read
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.log_sample import sample_position
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.environment import required


class SampledEvent(Struct, frozen=True, kw_only=True):
    """One event of a sampled trace, without its data."""

    id: str
    type: str
    owner: str
    subject: str
    time: datetime
    causation_id: str
    correlation_id: str
    traceparent: str
    reason: str | None
    is_of_order: bool


class SampledRecord(Struct, frozen=True):
    """A record of the stream, and its spans."""

    sequence: str
    spans: Sequence[Span]


def sampled_event(record: Mapping[str, Any]) -> SampledEvent | None:
    """Return the event of a record if its trace is sampled; raise as `codec.read` does.

    The position of a trace is the one by which all functions choose whose successes they log, so a smaller
    sample of traces lies within those that are logged.
    """
    event = read(base64.b64decode(record["kinesis"]["data"]))
    position = sample_position(event.cause.correlation_id, salt=required("SUCCESS_LOG_SALT"))
    return traced(event) if position < float(required("OTLP_RATIO")) else None


def spans_of(event: SampledEvent, history: Sequence[SampledEvent]) -> list[Span]:
    """Return the span that creates the event, and the one that processed its cause.

    The second one needs the cause, which the history of the order has unless it was a request. Of several
    effects of one cause the first has it, so each span is in one record, and a repeated record has the same.
    """
    prefix = os.environ["AWS_LAMBDA_FUNCTION_NAME"].removesuffix("-otlp")
    function = f"{prefix}-{event.owner}"
    cause = next((each for each in history if each.id == event.causation_id), None)
    parent = span_id_of(cause.id, function) if cause else None
    spans = [creation(event, event.subject, required("EVENT_LOG_TABLE"), parent=parent)]
    if cause and event.id == _first_effect(event, history):
        spans.append(processing(cause, event.subject, decided(event, function), published=cause.time))
    return spans


def history_of(event: SampledEvent) -> list[SampledEvent]:
    """Return the order's events, oldest first; of something else than an order only this one.

    An event that this version cannot read costs the order its parents, and stops no other order.
    """
    if not event.is_of_order:
        return [event]
    try:
        return [traced(each) for each in event_log().history(event.subject, DECISIONS)]
    except (Rejected, UnknownFactError):
        return [event]


def traced(event: Event[Fact]) -> SampledEvent:
    """Return the event without its data."""
    return SampledEvent(
        id=event.id,
        type=type(event.fact).__name__,
        owner=event.fact.owner,
        subject=event.subject,
        time=event.time,
        causation_id=event.cause.id,
        correlation_id=event.cause.correlation_id,
        traceparent=event.cause.traceparent,
        reason=getattr(event.fact, "reason", None),
        is_of_order=isinstance(event.fact, ORDER_FACTS),
    )


def _first_effect(event: SampledEvent, history: Sequence[SampledEvent]) -> str:
    """Return the id of the first event that the same service decided because of the same cause."""
    effects = [
        each for each in history if (each.causation_id, each.owner) == (event.causation_id, event.owner)
    ]
    return min(effects, key=lambda each: (each.time, each.id), default=event).id
