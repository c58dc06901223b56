"""Faults of calls to AWS, as middleware of the offline cloud."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import ClientError, ReadTimeoutError

from pocketcloud import AwsCall, Crash, OfflineCloud
from tests.workflow.shop import PREFIX

READS = re.compile("(BatchGet|Describe|Get|List|Query|Scan|TransactGet)")
"""A crash after one of them leaves what the call before it left."""

Proceed = Callable[[], dict[str, Any]]
Middleware = Callable[[AwsCall, Proceed], dict[str, Any]]


def appended_events(call: AwsCall) -> list[dict[str, Any]]:
    """Return the events that the call appends to the event log, alone or in a transaction."""
    writes = [write.get("Put", {}) for write in call.parameters.get("TransactItems", [])]
    rows = [write.get("Item", {}) for write in (*writes, call.parameters)]
    return [json.loads(row["event"]["S"]) for row in rows if "event" in row]


@dataclass
class CrashAfter:
    """Kill the function once, after the n-th call of any function or of one service."""

    nth: int
    made: list[str] = field(default_factory=list)
    service: str = ""

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        response = proceed()
        if not call.function.startswith(f"{PREFIX}-{self.service}"):
            return response
        self.made.append(f"{call.function.removeprefix('orderbus-dev-')} {call.service}.{call.operation}")
        if len(self.made) == self.nth:
            raise Crash
        return response

    @property
    def where(self) -> str:
        """Return the call that the crash followed."""
        return self.made[self.nth - 1] if len(self.made) >= self.nth else "nowhere"


def crashing(function: str) -> Middleware:
    """Crash the function at every call."""

    def crash(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-{function}":
            raise Crash
        return proceed()

    return crash


@dataclass
class SilentGateway:
    """The simulated gateway times out; the request arrives, is lost, or arrives on demand."""

    mode: Literal["arrives", "lost", "late"]
    times: int = 1_000
    asked: int = 0
    late: list[Proceed] = field(default_factory=list)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.parameters.get("TableName") != f"{PREFIX}-gateway" or self.asked == self.times:
            return proceed()
        self.asked += 1
        if self.mode == "arrives":
            with suppress(ClientError):  # a known key is rejected
                proceed()
        if self.mode == "late":
            self.late.append(proceed)
        raise ReadTimeoutError(endpoint_url="https://gateway.example")

    def arrive(self) -> None:
        """Deliver the late requests; ignore keys that the gateway already knows."""
        while self.late:
            with suppress(ClientError):
                self.late.pop()()


@dataclass
class PartialFailure:
    """EventBridge accepts all entries of the n-th PutEvents but one, with HTTP 200."""

    nth: int
    publishes: int = 0

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.operation != "PutEvents":
            return proceed()
        self.publishes += 1
        if self.publishes != self.nth:
            return proceed()
        entries = call.parameters["Entries"]
        lost = len(entries) - 1
        call.parameters["Entries"][:] = entries[:lost]
        response: dict[str, Any] = proceed() if lost else {"Entries": []}
        failed = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
        return {**response, "FailedEntryCount": 1, "Entries": [*response["Entries"], failed]}


def published_twice(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Publish every PutEvents request twice."""
    if call.operation == "PutEvents":
        proceed()
    return proceed()


@contextmanager
def call_fault(cloud: OfflineCloud, middleware: Middleware) -> Iterator[None]:
    """Pass calls to AWS through the middleware during the block."""
    cloud.calls.middleware.append(middleware)
    try:
        yield
    finally:
        cloud.calls.middleware.remove(middleware)
