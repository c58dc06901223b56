"""A request for permission: an action on a resource, with its context."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pocketcloud.iam.text import Value

PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One action on one resource, with the service's condition keys."""

    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRegion:
    """An account and region, to complete names to ARNs."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource; return an ARN unchanged."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{PARTITION}:{service}:{self.region}:{self.account}:{resource}"


def account_of(arn: str, location: AccountRegion) -> str:
    """Return the account that owns a resource."""
    return arn.split(":")[4] or location.account
