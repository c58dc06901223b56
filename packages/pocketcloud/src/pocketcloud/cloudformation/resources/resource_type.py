"""What supports a resource type: how it is created, and which of its properties that carries out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pocketcloud.cloudformation.intrinsics import Value, intrinsic
from pocketcloud.cloudformation.resources.account import Account, Client

TAGS = {"Tags": "tags group resources for people and bills; nothing here reads them"}


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """One resource to be created, its properties resolved."""

    account: Account
    stack: str
    logical_id: str
    properties: Mapping[str, Any]

    def client(self, service: str) -> Client:
        """The boto3 client of that service."""
        return self.account.client(service)

    def name(self, property_name: str, longest: int = 64) -> str:
        """The name that the template gives, or one made of stack and logical id, as CloudFormation does."""
        given = self.properties.get(property_name)
        return str(given) if given else self.account.generated_name(self.stack, self.logical_id, longest)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the named properties that the template gives."""
        return {name: self.properties[name] for name in names if name in self.properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """What a created resource answers to `Ref` and `Fn::GetAtt`."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """A type of resource; a property in neither list is refused, so that none is lost in silence."""

    name: str
    create: Callable[[CreateRequest], Created]
    supported: frozenset[str]
    """Properties that `create` hands to the service; `A.B` admits only these members of `A`."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Properties that have no effect offline, each with the reason why that is right."""
    not_enforced: str | None = None
    """What the account does with such a resource that the offline cloud does not."""

    def undeclared(self, properties: Value) -> list[str]:
        """The properties given that this type neither carries out nor knowingly leaves out."""
        return sorted(set(self._undeclared(properties, "")))

    def _undeclared(self, value: Value, prefix: str) -> Iterator[str]:
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, dict) or intrinsic(item):
                continue
            for key, child in item.items():
                path = prefix + key
                members = any(name.startswith(f"{path}.") for name in (*self.supported, *self.ignored))
                if members:
                    yield from self._undeclared(child, f"{path}.")
                elif path not in self.supported and path not in self.ignored:
                    yield path
