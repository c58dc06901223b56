"""The status and the events of one stack, as CloudFormation records them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One change of the status of a resource or of the stack itself."""

    at: datetime
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None = None


@dataclass(slots=True)
class StackLog:
    """The events of one stack; the latest is last."""

    name: str
    id: str
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated_at: datetime | None = None
    status: str = "CREATE_IN_PROGRESS"
    reason: str | None = None
    events: list[StackEvent] = field(default_factory=list)

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Record the stack's own status."""
        self.status, self.reason = status, reason
        self.write(self.name, self.id, STACK, status, reason)

    def write(
        self, logical_id: str, physical_id: str, kind: str, status: str, reason: str | None = None
    ) -> None:
        """Record one event of a resource."""
        self.events.append(StackEvent(datetime.now(UTC), logical_id, physical_id, kind, status, reason))

    @property
    def resource_statuses(self) -> Mapping[str, str]:
        """The latest status of each resource by logical id; of the resource itself, not of a replaced one."""
        found = {}
        for event in self.events:
            if event.type != STACK and not event.status.startswith("DELETE_"):
                found[event.logical_id] = event.status
        return found
