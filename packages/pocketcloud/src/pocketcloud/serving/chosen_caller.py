"""The role chosen for outside clients: an ARN, a name, or a logical id of a deployed template."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.iam.access import AccessControl
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.iam.principals import Principal, role

_SESSION = "pocketcloud"
"""Name of the session, which access-denied messages show."""


class DeployedCloud(Protocol):
    """The parts of the offline cloud that have roles."""

    @property
    def access(self) -> AccessControl:
        """IAM authorization."""

    @property
    def stacks(self) -> Sequence[StackRecord]:
        """The deployed stacks."""


def find_caller(cloud: DeployedCloud, chosen: str | None) -> Principal | None:
    """Return a session of the chosen role, None if there is no choice; raise UnknownRoleError."""
    if chosen is None:
        return None
    arns = {cloud.access.role_arn(name) for name in (chosen, *_declared(cloud.stacks, chosen))}
    found = sorted(filter(None, arns))
    if len(found) == 1:
        return role(found[0], _SESSION)
    wanted = "matches several roles; name its stack too, as Stack/LogicalId" if found else "is no role here"
    raise UnknownRoleError(f"--as {chosen} {wanted}")


def _declared(stacks: Sequence[StackRecord], chosen: str) -> Iterator[str]:
    """Return the names of the roles that templates declare under this logical id."""
    for stack in stacks:
        for logical_id, (kind, name) in stack.resources.items():
            if kind == "AWS::IAM::Role" and chosen in {logical_id, f"{stack.name}/{logical_id}"}:
                yield name
