"""Changes and deletion of schema registries and schemas, which the deployment keeps itself."""

from pocketcloud.cloudformation.resources import schemas
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest


def _delete_registry(existing: Existing) -> None:
    existing.account.registries.discard(existing.attributes["RegistryName"])


def _delete_schema(existing: Existing) -> None:
    kept = [schema for schema in existing.account.schemas if schema.arn != existing.physical_id]
    existing.account.schemas[:] = kept


def _update_schema(existing: Existing, request: CreateRequest) -> Created:
    _delete_schema(existing)
    return schemas.create_schema(request)


LIFECYCLES = {
    "AWS::EventSchemas::Registry": Lifecycle(delete=_delete_registry, custom_name="RegistryName"),
    "AWS::EventSchemas::Schema": Lifecycle(
        update=_update_schema,
        delete=_delete_schema,
        replaces=frozenset({"RegistryName", "SchemaName", "Type"}),
        custom_name="SchemaName",
    ),
}
