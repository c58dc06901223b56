"""Definition of a supported resource type: how to create it, and which properties are supported."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pocketcloud.cloudformation.intrinsics import Value, intrinsic
from pocketcloud.cloudformation.resources.account import Client, TargetAccount

TAGS = {"Tags": "tags have no effect offline"}


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """Request to create one resource, with its properties resolved."""

    account: TargetAccount
    stack: str
    logical_id: str
    properties: Mapping[str, Any]
    declared_type: str = ""
    """The type in the template: `Custom::Any` of a custom resource."""

    def client(self, service: str) -> Client:
        """Return the boto3 client of a service."""
        return self.account.client(service)

    def name(self, property_name: str, max_characters: int = 64) -> str:
        """Return the name in the template, or generate one from stack and logical id."""
        given = self.properties.get(property_name)
        return (
            str(given) if given else self.account.generated_name(self.stack, self.logical_id, max_characters)
        )

    def pick(self, *names: str) -> dict[str, Any]:
        """Return those of the named properties that the template sets."""
        return {name: self.properties[name] for name in names if name in self.properties}


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """The values of `Ref` and `Fn::GetAtt` for a created resource."""

    ref: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType:
    """One resource type; a property that is neither supported nor ignored is rejected."""

    name: str
    create: Callable[[CreateRequest], Created]
    supported: frozenset[str]
    """Properties that `create` passes to the service; `A.B` allows only these members of `A`."""
    ignored: Mapping[str, str] = field(default_factory=dict)
    """Properties without effect offline, each with the reason."""
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The supported values of properties that have others in AWS, by path such as `A.B`."""
    takes_any: bool = False
    """Whether every property is supported."""
    not_enforced: str | None = None
    """An effect of the resource that the offline cloud lacks."""

    def undeclared(self, properties: Value) -> list[str]:
        """Return the properties that are neither supported nor ignored."""
        return [] if self.takes_any else sorted(set(self._undeclared(properties, "")))

    def unsupported_values(self, properties: Value) -> Iterator[str]:
        """Yield each property with a literal value that is not supported."""
        for path, supported in self.values.items():
            value = properties
            for name in path.split("."):
                value = value.get(name) if isinstance(value, dict) else None
            if isinstance(value, str) and value not in supported:
                yield f"{path} {value}, only {', '.join(sorted(supported))}"

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
