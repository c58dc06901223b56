"""The lines that Lambda itself writes to a function's log.

https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
The memory used is not measured, so the report omits it.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pocketcloud.awslambda.invocation import FunctionError, InvocationResult
from pocketcloud.virtual_time.timestamps import iso_milliseconds

_STATUSES = {"Sandbox.Timedout": "timeout"}


@dataclass(frozen=True, slots=True)
class InvocationLog:
    """The figures in the lines about one invocation; times are UTC."""

    request_id: str
    version: str
    memory_mb: str
    started_at: datetime
    json: bool

    def start(self) -> str:
        """Return the first line."""
        if self.json:
            return _event(self.started_at, "start", {"requestId": self.request_id, "version": self.version})
        return f"START RequestId: {self.request_id} Version: {self.version}"

    def end(self, ended_at: datetime, error: FunctionError | None) -> Iterator[str]:
        """Yield the last lines."""
        duration = (ended_at - self.started_at).total_seconds() * 1000
        status = "success" if error is None else _STATUSES.get(error.type, "error")
        if self.json:
            yield self._report(ended_at, duration, status)
            return
        yield f"END RequestId: {self.request_id}"
        report = (
            f"REPORT RequestId: {self.request_id}\tDuration: {duration:.2f} ms\t"
            f"Billed Duration: {math.ceil(duration)} ms\tMemory Size: {self.memory_mb} MB\t"
        )
        yield report if status == "success" else f"{report}Status: {status}"

    def error(self, at: datetime, error: FunctionError) -> str | None:
        """Return the line with an exception's traceback, or with the timeout; None for a crash."""
        if error.type in _STATUSES:
            return f"{at:%Y-%m-%dT%H:%M:%S.000Z} {self.request_id} {error.message}"
        if not error.trace:
            return None
        if self.json:
            line = {"timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "log_level": "ERROR"}
            return json.dumps({**line, **InvocationResult.failed(error, self.request_id).payload})
        return f"[ERROR] {error}\n{''.join(error.trace)}".rstrip()

    def _report(self, at: datetime, duration_ms: float, status: str) -> str:
        metrics = {
            "durationMs": round(duration_ms, 3),
            "billedDurationMs": math.ceil(duration_ms),
            "memorySizeMB": int(self.memory_mb),
        }
        return _event(at, "report", {"requestId": self.request_id, "metrics": metrics, "status": status})


def _event(at: datetime, kind: str, record: dict[str, Any]) -> str:
    return json.dumps({"time": iso_milliseconds(at), "type": f"platform.{kind}", "record": record})
