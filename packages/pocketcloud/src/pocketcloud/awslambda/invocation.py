"""The context and the result of a function's invocation."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FunctionError:
    """An invocation's error, with Lambda's error type and message."""

    type: str
    message: str
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """A function's response; the payload of a failed invocation is Lambda's error document."""

    payload: Any
    error: FunctionError | None = None

    @classmethod
    def failed(cls, error: FunctionError, request_id: str) -> "InvocationResult":
        """Return the result of a failed invocation."""
        document = {
            "errorMessage": error.message,
            "errorType": error.type,
            "requestId": request_id,
            "stackTrace": list(error.trace),
        }
        return cls(document, error)


@dataclass(frozen=True)
class LambdaContext:
    """The context object of Lambda's Python runtime; its remaining time uses the virtual clock."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    memory_limit_in_mb: str
    """Text, as in the real runtime."""
    log_stream_name: str
    deadline: datetime
    now: Callable[[], datetime] = field(repr=False)
    function_version: str
    client_context: None = None
    identity: None = None

    @property
    def log_group_name(self) -> str:
        """The function's log group in CloudWatch Logs."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until Lambda stops the function."""
        return max(0, round((self.deadline - self.now()).total_seconds() * 1000))
