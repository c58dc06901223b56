"""Where a request belongs: its cause, its conversation and its trace."""

import hashlib
import re
import uuid
from collections.abc import Mapping
from typing import Any

from functions.contracts.values import NAMESPACE
from functions.shared.contracts.envelope import Cause
from functions.shared.contracts.log_context import LogContext, trace_id_of
from functions.shared.runtime.telemetry import telemetry_of

API = "orders-api"

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_XRAY = re.compile(r"Root=1-([0-9a-f]{8})-([0-9a-f]{24})")


def cause_of(event: Mapping[str, Any], *, correlation_id: str) -> Cause:
    """The request as a cause; a trace goes on if the client brought one, and begins here if not."""
    request_id = event["requestContext"]["requestId"]
    headers = event["headers"]
    return Cause(
        id=str(uuid.uuid5(NAMESPACE, f"request|{request_id}")),
        correlation_id=correlation_id,
        traceparent=_given(headers) or _amazons(headers) or _fresh(request_id),
    )


def tell(outcome: str, order_id: str, cause: Cause) -> None:
    """One log line about a request that went well, where its trace is among those of which all is logged."""
    telemetry, trace_id = telemetry_of(API), trace_id_of(cause.traceparent)
    if telemetry.logs_successes_of(trace_id):
        trail = LogContext(subject=order_id, correlation_id=cause.correlation_id, trace_id=trace_id)
        telemetry.logger.info(outcome, **trail.as_fields(), causation_id=cause.id)


def _given(headers: Mapping[str, str]) -> str | None:
    """The client's own trace (https://www.w3.org/TR/trace-context/); garbage is no trace."""
    found = _TRACEPARENT.fullmatch(headers.get("traceparent", ""))
    return found[0] if found else None


def _amazons(headers: Mapping[str, str]) -> str | None:
    """X-Ray's trace id, in W3C's form (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html)."""
    found = _XRAY.search(headers.get("x-amzn-trace-id", ""))
    return f"00-{found[1]}{found[2]}-{found[2][:16]}-01" if found else None


def _fresh(request_id: str) -> str:
    digest = hashlib.sha256(request_id.encode()).hexdigest()
    return f"00-{digest[:32]}-{digest[32:48]}-01"
