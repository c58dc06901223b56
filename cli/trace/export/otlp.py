"""Send spans to a collector by OTLP over HTTP, in JSON.

https://opentelemetry.io/docs/specs/otlp/#otlphttp. CloudWatch's own endpoint needs a signed request:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLPEndpoint.html
"""

import json
import os
import ssl
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import unquote

import httpx

from cli.core.account import Account
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.trace.export.span import Span, SpanEvent

HEADERS_VARIABLE = "OTEL_EXPORTER_OTLP_HEADERS"
"""Headers such as a vendor's key, as every OpenTelemetry exporter reads them: `name=value,name=value`."""
PATH = "/v1/traces"
TIMEOUT_SECONDS = 10
CLOUDWATCH_HOSTS = (".amazonaws.com", ".amazonaws.com.cn")
STATUS_ERROR = 2
URL_HINT = "Use the address of a collector, like http://127.0.0.1:4318, and see that it runs."
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def send(account: Account, url: str, spans: Sequence[Span]) -> None:
    """Send the spans; raise CommandError if the collector does not take all of them."""
    address = _address(url)
    body = json.dumps(document(spans)).encode()
    headers = {"Content-Type": "application/json", **_configured_headers()}
    if address.host.startswith("xray.") and address.host.endswith(CLOUDWATCH_HOSTS):
        headers |= account.signed_headers("xray", "POST", str(address), body, headers)
    response = _post(address, body, headers)
    if not response.is_success:
        raise _rejected(address, f"it responded {response.status_code} {response.text[:200]}".rstrip())
    partial = _json(response).get("partialSuccess") or {}
    if int(partial.get("rejectedSpans", 0)):
        why = partial.get("errorMessage", "")
        raise _rejected(address, f"{partial['rejectedSpans']} spans were rejected: {why}")


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


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if not address.host or address.scheme not in {"http", "https"}:
        raise CommandError(f"{url} is not an HTTP address.", hint=URL_HINT, code=ExitCode.USAGE)
    path = address.path.rstrip("/")
    return address.copy_with(path=path if path.endswith(PATH) else path + PATH)


def _configured_headers() -> dict[str, str]:
    pairs = (pair.partition("=") for pair in os.environ.get(HEADERS_VARIABLE, "").split(",") if "=" in pair)
    return {unquote(name.strip()): unquote(value.strip()) for name, _, value in pairs}


def _post(address: httpx.URL, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
    try:
        with httpx.Client(
            timeout=TIMEOUT_SECONDS, verify=ssl.create_default_context(), trust_env=False
        ) as client:
            return client.post(address, content=body, headers=headers)
    except (httpx.HTTPError, UnicodeEncodeError) as error:
        raise _rejected(address, str(error)) from error


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _rejected(address: httpx.URL, why: str) -> CommandError:
    return CommandError(f"{address} did not take the spans: {why}.", hint=URL_HINT, code=ExitCode.REFUSED)
