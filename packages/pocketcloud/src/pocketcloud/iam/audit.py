"""The records of access control: denials, and the uses of grants."""

from dataclasses import dataclass
from datetime import datetime

from pocketcloud.iam.principals import Principal


@dataclass(frozen=True, slots=True)
class Denial:
    """One denied action, with the reason."""

    at: datetime
    principal: Principal
    action: str
    resource: str
    reason: str

    def __str__(self) -> str:
        """Return AWS's message: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html."""
        return (
            f"User: {self.principal.name} is not authorized to perform: {self.action}"
            f" on resource: {self.resource} {self.reason}"
        )


@dataclass(frozen=True, slots=True)
class GrantUse:
    """One use of a policy statement that allowed an action."""

    statement: str
    principal: str
    action: str
    resource: str
