"""State machines and their executions."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from pocketcloud.stepfunctions.definition import Definition


class ExecutionStatus(StrEnum):
    """The status of an execution."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"


@dataclass
class Machine:
    """One state machine."""

    arn: str
    name: str
    text: str
    """The definition as it was given."""
    definition: Definition
    role_arn: str
    kind: str
    created_at: datetime
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_express(self) -> bool:
        """Whether it is an express workflow."""
        return self.kind == "EXPRESS"

    @property
    def label(self) -> str:
        """The name in the journal."""
        return f"state-machine/{self.name}"


@dataclass
class MachineExecution:
    """One execution, with the definition that its machine had at its start."""

    arn: str
    name: str
    machine: Machine
    definition: Definition
    input: Any
    started_at: datetime
    status: ExecutionStatus = ExecutionStatus.RUNNING
    stopped_at: datetime | None = None
    output: Any = None
    error: str | None = None
    cause: str | None = None
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether the execution has ended."""
        return self.status is not ExecutionStatus.RUNNING

    def note(self, at: datetime, kind: str, details: str = "", **values: Any) -> None:
        """Append an event to the history; `details` is the name of its member with the values."""
        number = len(self.history) + 1
        event: dict[str, Any] = {"timestamp": at, "type": kind, "id": number, "previousEventId": number - 1}
        if details:
            event[details] = {name: value for name, value in values.items() if value is not None}
        self.history.append(event)


def details_of(kind: str) -> str:
    """Return the name of the member that holds the values of an event."""
    return f"{kind[0].lower()}{kind[1:]}EventDetails"
