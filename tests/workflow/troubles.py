"""What can go wrong at a call to AWS, as middlewares of the offline cloud."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from offline import AwsCall, Crash, OfflineCloud

Proceed = Callable[[], dict[str, Any]]
Middleware = Callable[[AwsCall, Proceed], dict[str, Any]]


@dataclass
class CrashAfter:
    """Kills the function right after the n-th call that any function makes, once."""

    nth: int
    made: list[str] = field(default_factory=list)

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        answer = proceed()
        self.made.append(f"{call.function.removeprefix('orderbus-dev-')} {call.service}.{call.operation}")
        if len(self.made) == self.nth:
            raise Crash
        return answer

    @property
    def where(self) -> str:
        """After which call it happened."""
        return self.made[self.nth - 1] if len(self.made) >= self.nth else "nowhere"


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
