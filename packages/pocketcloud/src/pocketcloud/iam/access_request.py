"""A request for permission: an action on a resource, with its context."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pocketcloud.iam.text import Value

PARTITION = "aws"


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """One action on one resource, with the service's condition keys."""

    action: str
    resource: str
    context: Mapping[str, Value] = field(default_factory=dict)


class DeferredContext(Mapping[str, Value]):
    """Condition keys that are determined only if a policy has conditions: most have none."""

    __slots__ = ("_known", "_read")

    def __init__(self, read: Callable[[], Mapping[str, Value]]) -> None:
        self._read = read
        self._known: Mapping[str, Value] | None = None

    def __getitem__(self, key: str) -> Value:
        return self._values()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values())

    def __len__(self) -> int:
        return len(self._values())

    def _values(self) -> Mapping[str, Value]:
        if self._known is None:
            self._known = self._read()
        return self._known


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


def source_context(arn: str, location: AccountRegion) -> dict[str, Value]:
    """Return the condition keys that a service sets for the resource it acts for."""
    return {"aws:sourcearn": arn, "aws:sourceaccount": account_of(arn, location)}
