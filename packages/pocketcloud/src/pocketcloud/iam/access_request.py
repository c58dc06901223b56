"""What a call to AWS asks permission for: actions on resources, each with its own context."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pocketcloud.iam.text import Value

PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One action on one resource, and the service's condition keys that this request fills."""

    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRegion:
    """The account and region that a name without an ARN belongs to."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of that resource; one that is an ARN already stays as it is."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{PARTITION}:{service}:{self.region}:{self.account}:{resource}"


def account_of(arn: str, home: AccountRegion) -> str:
    """The account a resource belongs to."""
    return arn.split(":")[4] or home.account
