"""EventBridge schema registry: moto lacks it, so the deployment keeps and validates the schemas."""

import json
from functools import lru_cache
from typing import Any

import jsonschema

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.account import DeployedSchema
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

DRAFT_4 = "JSONSchemaDraft4"
_MAXIMUM_CHECKED = 500


def _create_registry(request: CreateRequest) -> Created:
    name = request.name("RegistryName")
    request.account.registries.add(name)
    arn = request.account.arn("schemas", f"registry/{name}")
    return Created(ref=arn, attributes={"RegistryArn": arn, "RegistryName": name})


def create_schema(request: CreateRequest) -> Created:
    """Keep a valid schema; return its ARN."""
    registry, name = request.properties["RegistryName"], request.name("SchemaName")
    if registry not in request.account.registries:
        raise ResourceError(f"RegistryName: schema registry {registry!r} does not exist")
    arn = request.account.arn("schemas", f"schema/{registry}/{name}")
    if any(schema.arn == arn for schema in request.account.schemas):
        raise ResourceError(f"SchemaName: schema {name!r} already exists in {registry!r}")
    request.account.schemas.append(DeployedSchema(arn, registry, name, _content(request)))
    return Created(ref=arn, attributes={"SchemaArn": arn, "SchemaName": name, "SchemaVersion": "1"})


def _content(request: CreateRequest) -> dict[str, Any]:
    if request.properties["Type"] != DRAFT_4:
        raise ResourceError(f"Type: only {DRAFT_4} is supported, not {request.properties['Type']}")
    try:
        content: dict[str, Any] = json.loads(request.properties["Content"])
        _check(request.properties["Content"])
    except json.JSONDecodeError as error:
        raise ResourceError(f"Content: not JSON: {error}") from error
    except jsonschema.SchemaError as error:
        raise ResourceError(f"Content: not JSON Schema draft 4: {error.message}") from error
    return content


@lru_cache(_MAXIMUM_CHECKED)
def _check(content: str) -> None:
    """Raise SchemaError unless it is a schema; deployments of a process share most of theirs."""
    jsonschema.Draft4Validator.check_schema(json.loads(content))


TYPES = (
    ResourceType(
        name="AWS::EventSchemas::Registry",
        create=_create_registry,
        supported=frozenset({"RegistryName"}),
        ignored={**TAGS, "Description": "it is shown only in the console"},
    ),
    ResourceType(
        name="AWS::EventSchemas::Schema",
        create=create_schema,
        supported=frozenset({"Content", "RegistryName", "SchemaName", "Type"}),
        ignored={**TAGS, "Description": "it is shown only in the console"},
    ),
)
