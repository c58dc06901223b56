"""Errors of states.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from dataclasses import dataclass

TIMEOUT, RUNTIME = "States.Timeout", "States.Runtime"
_UNCAUGHT = frozenset({"States.DataLimitExceeded", RUNTIME})
"""Errors that no name for several errors means."""


@dataclass(eq=False)
class StateError(Exception):
    """A state failed; Retry and Catch match the error's name."""

    error: str
    cause: str = ""

    def __str__(self) -> str:
        return f"{self.error}: {self.cause}"

    def matches(self, names: list[str]) -> bool:
        """Return whether one of the names in ErrorEquals means this error."""
        if self.error in names:
            return True
        if self.error in _UNCAUGHT:
            return False
        return "States.ALL" in names or ("States.TaskFailed" in names and self.error != TIMEOUT)
