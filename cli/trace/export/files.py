"""Spans as files for viewers: Jaeger's upload, and Chrome's trace events, which Perfetto opens too.

Both count in microseconds. Jaeger: https://www.jaegertracing.io/docs/latest/architecture/apis/ (its own
JSON, as its user interface downloads and uploads it). Chrome:
https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.otlp.span import Span, SpanKind

_Tags = Mapping[str, str | int | bool]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {kind: kind.name.lower() for kind in SpanKind}


def jaeger(spans: Sequence[Span]) -> dict[str, Any]:
    """Return the document that Jaeger's user interface takes under "Upload"."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    return {"data": [_jaeger_trace(trace_id, some) for trace_id, some in traces.items()]}


def chrome(spans: Sequence[Span]) -> dict[str, Any]:
    """Return trace events, with one process per service."""
    processes = {service: number for number, service in enumerate(_services(spans), start=1)}
    names = [
        {"ph": "M", "name": "process_name", "pid": number, "tid": 1, "args": {"name": service}}
        for service, number in processes.items()
    ]
    return {"traceEvents": [*names, *(_complete_event(span, processes[span.service]) for span in spans)]}


def _jaeger_trace(trace_id: str, spans: Sequence[Span]) -> dict[str, Any]:
    return {
        "traceID": trace_id,
        "spans": [_jaeger_span(span) for span in spans],
        "processes": {service: {"serviceName": service, "tags": []} for service in _services(spans)},
        "warnings": None,
    }


def _jaeger_span(span: Span) -> dict[str, Any]:
    parents = [("CHILD_OF", span.trace_id, span.parent_id)] if span.parent_id else []
    links = [("FOLLOWS_FROM", *link) for link in span.links if link != (span.trace_id, span.parent_id)]
    failure: _Tags = {"error": True, "otel.status_description": span.error} if span.error else {}
    return {
        "traceID": span.trace_id,
        "spanID": span.span_id,
        "operationName": span.name,
        "references": [
            {"refType": kind, "traceID": trace_id, "spanID": span_id}
            for kind, trace_id, span_id in parents + links
        ],
        "startTime": _microseconds(span.start),
        "duration": (span.end - span.start) // timedelta(microseconds=1),
        "tags": _tags({"span.kind": _KINDS[span.kind], **span.attributes, **failure}),
        "logs": [
            {"timestamp": _microseconds(each.at), "fields": _tags({"event": each.name, **each.attributes})}
            for each in span.events
        ],
        "processID": span.service,
        "warnings": None,
    }


def _tags(attributes: _Tags) -> list[dict[str, Any]]:
    types = {str: "string", int: "int64", bool: "bool"}
    return [{"key": key, "type": types[type(value)], "value": value} for key, value in attributes.items()]


def _complete_event(span: Span, process: int) -> dict[str, Any]:
    error = {"error": span.error} if span.error else {}
    return {
        "ph": "X",
        "name": span.name,
        "cat": _KINDS[span.kind],
        "pid": process,
        "tid": 1,
        "ts": _microseconds(span.start),
        "dur": (span.end - span.start) // timedelta(microseconds=1),
        "args": {"trace_id": span.trace_id, "span_id": span.span_id, **span.attributes, **error},
    }


def _services(spans: Sequence[Span]) -> list[str]:
    return list(dict.fromkeys(span.service for span in spans))


def _microseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1)
