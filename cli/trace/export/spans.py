"""Make the spans of an order's trace: no function carries a tracing SDK.

The event log has each event with its cause, time and trace context; the logs have who published and who
handled it. Per event there is a span that creates it, one that publishes it and one per function that
processes it, with OpenTelemetry's names for messaging.
https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
https://opentelemetry.io/docs/specs/semconv/registry/attributes/cloudevents/
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.core.event_history import LoggedFact
from cli.trace.deliveries import RELAY, REPEATS, deliveries
from cli.trace.export.span import Span, SpanEvent, SpanKind, span_id_of
from cli.trace.log_search import LogEntry
from cli.trace.trace import Trace
from infrastructure.names import Names

FAILED = frozenset({"dead-lettered", "not dead-lettered"})


def spans_of(trace: Trace, names: Names) -> list[Span]:
    """Return the spans of the journey, oldest first; a parent is never younger than its child."""
    return sorted(_Journey(trace, names).spans(), key=lambda span: (span.start, span.kind != SpanKind.SERVER))


@dataclass(frozen=True, slots=True)
class _Journey:
    trace: Trace
    names: Names

    def spans(self) -> Iterator[Span]:
        for cause in self.trace.causes():
            yield from self._origins(cause)
        for fact in self.trace.facts:
            published = self._published(fact)
            yield self._creation(fact)
            if published:
                yield self._publication(fact, published)
            yield from self._processings(fact, published.at if published else fact.time)

    def _origins(self, cause: str) -> Iterator[Span]:
        """Yield the span of the request or the partner's event with which the order began."""
        effects = self.trace.caused_by(cause)
        for delivery in deliveries(self.trace.entries_on(cause)):
            entry = delivery.last
            is_request = entry.outcome == "order placed"
            yield Span(
                trace_id=effects[0].trace_id,
                span_id=span_id_of(cause, entry.function),
                parent_id=None,
                service=entry.service,
                name="POST /orders" if is_request else f"process {entry.fact or 'a message'}",
                kind=SpanKind.SERVER if is_request else SpanKind.CONSUMER,
                start=min(entry.at, effects[0].time),
                end=max(entry.at, effects[0].time),
                attributes={"faas.invoked_name": entry.function, **_invocation(entry)},
                events=_attempts(self.trace.entries_on(cause), entry),
                error=_error(entry),
            )

    def _creation(self, fact: LoggedFact) -> Span:
        return Span(
            trace_id=fact.trace_id,
            span_id=_context(fact)[1],
            parent_id=self._parent(fact),
            service=fact.owner,
            name=f"create {fact.type}",
            kind=SpanKind.PRODUCER,
            start=fact.time,
            end=fact.time,
            attributes=self._message(fact, "create", self.names.event_log),
        )

    def _publication(self, fact: LoggedFact, entry: LogEntry) -> Span:
        return Span(
            trace_id=fact.trace_id,
            span_id=span_id_of(fact.id, entry.function),
            parent_id=_context(fact)[1],
            service=RELAY,
            name=f"send {fact.type}",
            kind=SpanKind.CLIENT,
            start=min(fact.time, entry.at),
            end=entry.at,
            attributes=self._message(fact, "send", self.names.event_bus) | _invocation(entry),
            links=[_context(fact)],
        )

    def _processings(self, fact: LoggedFact, published: datetime) -> Iterator[Span]:
        for handling in self._handlings(fact):
            yield Span(
                trace_id=fact.trace_id,
                span_id=span_id_of(fact.id, handling.function),
                parent_id=_context(fact)[1],
                service=handling.service,
                name=f"process {fact.type}",
                kind=SpanKind.CONSUMER,
                start=min(published, handling.first_at),
                end=handling.at,
                # A queue has the name of its function.
                attributes=self._message(fact, "process", handling.function) | handling.attributes,
                links=[_context(fact)],
                events=handling.events,
                error=handling.error,
            )

    def _handlings(self, fact: LoggedFact) -> Iterator["_Handling"]:
        """Yield how each function handled the event, by its log, or by the event that it decided."""
        entries = [entry for entry in self.trace.entries_on(fact.id) if entry.function != self.names.relay]
        for delivery in deliveries(entries):
            own = [entry for entry in entries if entry.function == delivery.last.function]
            yield _Handling.logged(delivery.last, own)
        logged = {entry.function for entry in entries}
        for effect in self.trace.caused_by(fact.id):
            function = self.names.function(effect.owner)
            # The log has a sample of the successes only.
            if function not in logged:
                yield _Handling(
                    function, effect.owner, effect.time, effect.time, {"orderbus.outcome": "handled"}
                )

    def _parent(self, fact: LoggedFact) -> str | None:
        """Return the span of the function that decided: it processed the cause."""
        if fact.causation_id in {each.id for each in self.trace.facts}:
            return span_id_of(fact.causation_id, self.names.function(fact.owner))
        origins = deliveries(self.trace.entries_on(fact.causation_id))
        return span_id_of(fact.causation_id, origins[0].last.function) if origins else None

    def _published(self, fact: LoggedFact) -> LogEntry | None:
        entries = self.trace.entries_on(fact.id)
        return next((entry for entry in entries if entry.outcome == "published"), None)

    def _message(self, fact: LoggedFact, operation: str, destination: str) -> dict[str, str | int]:
        systems = {"create": "aws.dynamodb", "send": "aws.eventbridge", "process": "aws_sqs"}
        return {
            "messaging.system": systems[operation],
            "messaging.operation.type": operation,
            "messaging.operation.name": operation,
            "messaging.destination.name": destination,
            "messaging.message.id": fact.id,
            "messaging.message.conversation_id": fact.correlation_id,
            "cloudevents.event_id": fact.id,
            "cloudevents.event_source": fact.owner,
            "cloudevents.event_type": fact.type,
            "cloudevents.event_spec_version": "1.0",
            "cloudevents.event_subject": self.trace.order_id,
            **({"orderbus.reason": fact.reason} if fact.reason else {}),
        }


@dataclass(frozen=True, slots=True)
class _Handling:
    """One function's handling of an event, all its attempts together."""

    function: str
    service: str
    first_at: datetime
    at: datetime
    attributes: dict[str, str | int]
    events: Sequence[SpanEvent] = ()
    error: str | None = None

    @classmethod
    def logged(cls, last: LogEntry, entries: Sequence[LogEntry]) -> "_Handling":
        count = last.receive_count
        counted = {"messaging.delivery_count": int(count)} if count.isdigit() else {}
        return cls(
            function=last.function,
            service=last.service,
            first_at=entries[0].at,
            at=max(entry.at for entry in entries),
            attributes={"orderbus.outcome": last.outcome, **counted, **_invocation(last)},
            events=_attempts(entries, last),
            error=_error(last),
        )


def _context(fact: LoggedFact) -> tuple[str, str]:
    return fact.trace_id, fact.traceparent.split("-")[2]


def _invocation(entry: LogEntry) -> dict[str, str | int]:
    """Return the invocation's id; the messages of a batch share it."""
    return {"faas.invocation_id": entry.request_id} if entry.request_id else {}


def _attempts(entries: Sequence[LogEntry], last: LogEntry) -> list[SpanEvent]:
    return [
        SpanEvent(entry.at, entry.outcome, {"orderbus.reason": entry.reason} if entry.reason else {})
        for entry in entries
        if entry.outcome in REPEATS and entry.function == last.function and entry is not last
    ]


def _error(entry: LogEntry) -> str | None:
    return entry.reason or entry.outcome if entry.outcome in FAILED else None
