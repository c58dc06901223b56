"""What goes into an invocation of a function besides the event, and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class FunctionError:
    """Why an invocation failed, in Lambda's words."""

    type: str
    message: str
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.type}: {self.message}"


@dataclass(frozen=True, slots=True)
class InvocationResult:
    """What a function answered; the payload of a failed invocation is Lambda's error document."""

    payload: Any
    error: FunctionError | None = None

    @classmethod
    def failed(cls, error: FunctionError, request_id: str) -> "InvocationResult":
        """An invocation that ended in this error."""
        document = {
            "errorMessage": error.message,
            "errorType": error.type,
            "requestId": request_id,
            "stackTrace": list(error.trace),
        }
        return cls(document, error)


@dataclass(frozen=True)
class LambdaContext:
    """The context object of Lambda's Python runtime; its remaining time runs on the virtual clock."""

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    memory_limit_in_mb: str
    """Text, as the real runtime has it."""
    log_stream_name: str
    deadline: datetime
    now: Callable[[], datetime] = field(repr=False)
    function_version: str
    client_context: None = None
    identity: None = None

    @property
    def log_group_name(self) -> str:
        """Where the function's lines go in CloudWatch Logs."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until Lambda stops the function."""
        return max(0, round((self.deadline - self.now()).total_seconds() * 1000))
