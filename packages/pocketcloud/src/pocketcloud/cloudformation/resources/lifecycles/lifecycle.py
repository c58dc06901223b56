"""The lifecycle of one resource type after its creation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.cloudformation.resources.account import Client, TargetAccount
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Existing:
    """One deployed resource; its properties are resolved."""

    account: TargetAccount
    stack: str
    logical_id: str
    type: str
    declared_type: str
    """The type in the template: `Custom::Any` of a custom resource."""
    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]

    def client(self, service: str) -> Client:
        """Return the boto3 client of a service."""
        return self.account.client(service)

    @property
    def created(self) -> Created:
        """The values of `Ref` and `Fn::GetAtt`, which an update in place keeps."""
        return Created(ref=self.physical_id, attributes=self.attributes)


Update = Callable[[Existing, CreateRequest], Created]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """Update, replacement and deletion of resources of one type.

    "Update requires" of each property: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
    """

    delete: Callable[[Existing], object]
    update: Update | None = None
    replaces: frozenset[str] = frozenset()
    """Properties whose change replaces the resource; without `update`, every change does."""
    unsupported: frozenset[str] = frozenset()
    """Properties whose change is rejected by name."""
    custom_name: str | None = None
    """The property with the name; a named resource cannot be replaced under the same name."""

    def is_replaced_by(self, changed: frozenset[str]) -> bool:
        """Return whether a change of these properties replaces the resource."""
        return self.update is None or bool(changed & self.replaces)


def keep(_: Existing) -> None:
    """Delete nothing: the resource has no effect of its own."""
