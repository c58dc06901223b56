"""Spans as an OTLP document in JSON: the body of `POST /v1/traces`.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from functions.otlp.span import Span, SpanEvent

PATH = "/v1/traces"
STATUS_ERROR = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def document(spans: Iterable[Span]) -> dict[str, Any]:
    """Return an ExportTraceServiceRequest: the spans by service."""
    ordered = sorted(spans, key=lambda span: span.service)
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes({"service.name": service})},
                "scopeSpans": [{"scope": {"name": "orderbus"}, "spans": [_span(span) for span in some]}],
            }
            for service, some in groupby(ordered, key=lambda span: span.service)
        ]
    }


def _span(span: Span) -> dict[str, Any]:
    parent = {"parentSpanId": span.parent_id} if span.parent_id else {}
    return {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        **parent,
        "name": span.name,
        "kind": span.kind.value,
        "startTimeUnixNano": _nanoseconds(span.start),
        "endTimeUnixNano": _nanoseconds(span.end),
        "attributes": _attributes(span.attributes),
        "links": [{"traceId": trace_id, "spanId": span_id} for trace_id, span_id in span.links],
        "events": [_event(event) for event in span.events],
        "status": {"code": STATUS_ERROR, "message": span.error} if span.error else {},
    }


def _event(event: SpanEvent) -> dict[str, Any]:
    attributes = _attributes(event.attributes)
    return {"timeUnixNano": _nanoseconds(event.at), "name": event.name, "attributes": attributes}


def _attributes(attributes: Mapping[str, str | int]) -> list[dict[str, Any]]:
    return [
        # Protobuf's JSON writes a 64-bit integer as text.
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in attributes.items()
    ]


def _nanoseconds(at: datetime) -> str:
    return str((at - _EPOCH) // timedelta(microseconds=1) * 1_000)
