"""What can go wrong at a call to AWS, as middlewares of the offline cloud."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import ClientError, ReadTimeoutError

from pocketcloud import AwsCall, Crash, OfflineCloud
from tests.workflow.shop import PREFIX

Proceed = Callable[[], dict[str, Any]]
Middleware = Callable[[AwsCall, Proceed], dict[str, Any]]


@dataclass
class CrashAfter:
    """Kills the function right after the n-th call that any function makes, or any of one service, once."""

    nth: int
    made: list[str] = field(default_factory=list)
    service: str = ""

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        answer = proceed()
        if not call.function.startswith(f"{PREFIX}-{self.service}"):
            return answer
        self.made.append(f"{call.function.removeprefix('orderbus-dev-')} {call.service}.{call.operation}")
        if len(self.made) == self.nth:
            raise Crash
        return answer

    @property
    def where(self) -> str:
        """After which call it happened."""
        return self.made[self.nth - 1] if len(self.made) >= self.nth else "nowhere"


def crashing(function: str) -> Middleware:
    """The function's sandbox dies at every call."""

    def crash(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.function == f"{PREFIX}-{function}":
            raise Crash
        return proceed()

    return crash


@dataclass
class SilentGateway:
    """The simulated gateway gives no answer; what it is asked arrives, does not, or does so when we say."""

    mode: Literal["arrives", "lost", "late"]
    times: int = 1_000
    asked: int = 0
    late: list[Proceed] = field(default_factory=list)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if call.parameters.get("TableName") != f"{PREFIX}-gateway" or self.asked == self.times:
            return proceed()
        self.asked += 1
        if self.mode == "arrives":
            with suppress(ClientError):  # a key that it knows is an answer, too
                proceed()
        if self.mode == "late":
            self.late.append(proceed)
        raise ReadTimeoutError(endpoint_url="https://gateway.example")

    def arrive(self) -> None:
        """What was on its way reaches the gateway, of which it knows the key already or not."""
        while self.late:
            with suppress(ClientError):
                self.late.pop()()


@dataclass
class PartialFailure:
    """EventBridge takes all entries of the n-th PutEvents but one, and says so as it does: with HTTP 200."""

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
        answer: dict[str, Any] = proceed() if lost else {"Entries": []}
        failed = {"ErrorCode": "InternalFailure", "ErrorMessage": "try again"}
        return {**answer, "FailedEntryCount": 1, "Entries": [*answer["Entries"], failed]}


def published_twice(call: AwsCall, proceed: Proceed) -> dict[str, Any]:
    """Everything the relay publishes comes twice, at once."""
    if call.operation == "PutEvents":
        proceed()
    return proceed()


@contextmanager
def trouble(cloud: OfflineCloud, middleware: Middleware) -> Iterator[None]:
    """The middleware stands between functions and AWS for a while."""
    cloud.calls.middleware.append(middleware)
    try:
        yield
    finally:
        cloud.calls.middleware.remove(middleware)
