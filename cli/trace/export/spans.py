"""Make the spans of an order's trace: no function carries a tracing SDK.

The event log has each event with its cause, time and trace context; the logs have who published and who
handled it. Per event there is a span that creates it, one that publishes it and one per function that
processes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cli.core.event_history import LoggedFact
from cli.trace.deliveries import RELAY, REPEATS, deliveries
from cli.trace.log_search import LogEntry
from cli.trace.trace import Trace
from functions.otlp.event_spans import Handling, context_of, creation, decided, message, processing
from functions.otlp.span import Span, SpanEvent, SpanKind, span_id_of
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
            yield creation(fact, self.trace.order_id, self.names.event_log, parent=self._parent(fact))
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

    def _publication(self, fact: LoggedFact, entry: LogEntry) -> Span:
        return Span(
            trace_id=fact.trace_id,
            span_id=span_id_of(fact.id, entry.function),
            parent_id=context_of(fact)[1],
            service=RELAY,
            name=f"send {fact.type}",
            kind=SpanKind.CLIENT,
            start=min(fact.time, entry.at),
            end=entry.at,
            attributes={
                **message(fact, self.trace.order_id, "send", self.names.event_bus),
                **_invocation(entry),
            },
            links=[context_of(fact)],
        )

    def _processings(self, fact: LoggedFact, published: datetime) -> Iterator[Span]:
        for handling in self._handlings(fact):
            yield processing(fact, self.trace.order_id, handling, published=published)

    def _handlings(self, fact: LoggedFact) -> Iterator[Handling]:
        """Yield how each function handled the event, by its log, or by the event that it decided."""
        entries = [entry for entry in self.trace.entries_on(fact.id) if entry.function != self.names.relay]
        for delivery in deliveries(entries):
            own = [entry for entry in entries if entry.function == delivery.last.function]
            yield _logged(delivery.last, own)
        logged = {entry.function for entry in entries}
        for effect in self.trace.caused_by(fact.id):
            function = self.names.function(effect.owner)
            # The log has a sample of the successes only.
            if function not in logged:
                yield decided(effect, function)

    def _parent(self, fact: LoggedFact) -> str | None:
        """Return the span of the function that decided: it processed the cause."""
        if fact.causation_id in {each.id for each in self.trace.facts}:
            return span_id_of(fact.causation_id, self.names.function(fact.owner))
        origins = deliveries(self.trace.entries_on(fact.causation_id))
        return span_id_of(fact.causation_id, origins[0].last.function) if origins else None

    def _published(self, fact: LoggedFact) -> LogEntry | None:
        entries = self.trace.entries_on(fact.id)
        return next((entry for entry in entries if entry.outcome == "published"), None)


def _logged(last: LogEntry, entries: Sequence[LogEntry]) -> Handling:
    """Return the handling that a function has logged."""
    count = last.receive_count
    counted = {"messaging.delivery_count": int(count)} if count.isdigit() else {}
    return Handling(
        function=last.function,
        service=last.service,
        first_at=entries[0].at,
        at=max(entry.at for entry in entries),
        attributes={"orderbus.outcome": last.outcome, **counted, **_invocation(last)},
        events=_attempts(entries, last),
        error=_error(last),
    )


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
