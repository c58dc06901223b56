"""Changes and deletion of custom resources, by their functions."""

from pocketcloud.cloudformation.resources.custom import CUSTOM, CustomResource, as_texts
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _resource(existing: Existing) -> CustomResource:
    return CustomResource(
        existing.account, existing.stack, existing.logical_id, existing.declared_type, existing.properties
    )


def _update(existing: Existing, request: CreateRequest) -> Created:
    changed = CustomResource(
        request.account, request.stack, request.logical_id, existing.declared_type, request.properties
    )
    created = changed.ask(
        "Update",
        PhysicalResourceId=existing.physical_id,
        OldResourceProperties=as_texts(existing.properties),
    )
    if created.ref != existing.physical_id:  # it was replaced
        _delete(existing)
    return created


def _delete(existing: Existing) -> None:
    _resource(existing).ask("Delete", PhysicalResourceId=existing.physical_id)


LIFECYCLES = {
    CUSTOM: Lifecycle(update=_update, delete=_delete, unsupported=frozenset({"ServiceToken"})),
}
