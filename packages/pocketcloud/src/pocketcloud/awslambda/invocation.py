"""The result of a function's invocation."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    version: str = ""
    """The version of the function that ran, or `$LATEST`."""
    lines: Sequence[str] = ()
    """The invocation's lines in the log group."""

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
