"""Create one stack, resource by resource in dependency order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pocketcloud.cloudformation.errors import ResourceError, TemplateError
from pocketcloud.cloudformation.resolution import Scope, resolve
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.account import TargetAccount
from pocketcloud.cloudformation.resources.properties import as_properties
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest
from pocketcloud.cloudformation.resources.stub import create_stub
from pocketcloud.cloudformation.secret_references import with_secrets
from pocketcloud.cloudformation.template import Template, TemplateResource


@dataclass(frozen=True, slots=True)
class DeployedResource:
    """One created resource; `physical_id` is its `Ref`, `properties` are resolved."""

    type: str
    physical_id: str
    properties: Mapping[str, Any]
    attributes: Mapping[str, Any]
    source: TemplateResource
    """The resource as its template declares it."""


@dataclass(frozen=True, slots=True)
class DeployedStack:
    """One created stack; `exports` are the outputs that other stacks can import."""

    resources: Mapping[str, DeployedResource]
    outputs: Mapping[str, str]
    exports: Mapping[str, str]
    export_names: Mapping[str, str]
    """Names of outputs by the names that they are exported as."""
    template: Template | None = None
    """The template of the last deployment; None before the creation."""


def pseudo_parameters(account: TargetAccount, stack: str) -> dict[str, str]:
    """Return the stack's pseudo parameters."""
    own = {"AWS::StackName": stack, "AWS::StackId": account.stack_id(stack)}
    return {**account.pseudo_parameters(), **own}


def create_stack(
    account: TargetAccount, template: Template, stacks: Mapping[str, DeployedStack]
) -> DeployedStack:
    """Create the template's resources; it can import from `stacks`."""
    scope = open_scope(account, template, stacks)
    resources = {}
    for resource in template.resources:
        request = request_for(account, template.stack, resource, scope)
        resources[resource.logical_id] = create_resource(request, resource, scope)
    return finish_stack(template, resources, scope)


def open_scope(account: TargetAccount, template: Template, stacks: Mapping[str, DeployedStack]) -> Scope:
    """Return what the template's functions can refer to before its first resource."""
    return Scope(
        refs={**pseudo_parameters(account, template.stack), **template.parameters},
        exports={name: value for stack in stacks.values() for name, value in stack.exports.items()},
        stack_outputs={name: stack.outputs for name, stack in stacks.items()},
    )


def request_for(
    account: TargetAccount, stack: str, resource: TemplateResource, scope: Scope
) -> CreateRequest:
    """Return the request to create the resource, with its properties resolved."""
    where = f"{stack}/{resource.logical_id}"
    properties = with_secrets(resolve(resource.properties, scope, where), account, where)
    return CreateRequest(
        account, stack, resource.logical_id, as_properties(properties), resource.declared_type
    )


def create_resource(request: CreateRequest, resource: TemplateResource, scope: Scope) -> DeployedResource:
    """Create the resource; later ones can refer to it."""
    where = f"{request.stack}/{resource.logical_id} ({resource.type})"
    return keep_in_scope(request, resource, _created(request, resource.type, where), scope)


def keep_in_scope(
    request: CreateRequest, resource: TemplateResource, created: Created, scope: Scope
) -> DeployedResource:
    """Let later resources refer to this one."""
    scope.refs[resource.logical_id] = created.ref
    scope.attributes[resource.logical_id] = created.attributes
    return DeployedResource(resource.type, created.ref, request.properties, created.attributes, resource)


def finish_stack(
    template: Template, resources: Mapping[str, DeployedResource], scope: Scope
) -> DeployedStack:
    """Return the stack with its outputs, once all its resources exist."""
    outputs, exports, names = _outputs(template, scope)
    return DeployedStack(resources, outputs, exports, names, template)


def _created(request: CreateRequest, type_name: str, where: str) -> Created:
    if type_name in request.account.stubs.types:
        request.account.not_enforced.append(f"{where}: a placeholder, every use of which fails")
        return create_stub(request, type_name, RESOURCE_TYPES)
    kind = RESOURCE_TYPES[type_name]
    try:
        created = kind.create(request)
    except (ResourceError, BotoCoreError, ClientError) as error:
        raise ResourceError(f"{where}: {error}") from error
    except Exception as error:
        error.add_note(f"while creating {where}")
        raise
    if kind.not_enforced:
        request.account.not_enforced.append(f"{where}: {kind.not_enforced}")
    return created


def _outputs(template: Template, scope: Scope) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    outputs, exports, names = {}, {}, {}
    for output in template.outputs:
        where = f"{template.stack}/Outputs.{output.name}"
        outputs[output.name] = str(resolve(output.value, scope, where))
        if output.export is not None:
            name = resolve(output.export, scope, where)
            if name in scope.exports or name in exports:
                raise TemplateError(where, f"another output is already exported as {name!r}")
            exports[name] = outputs[output.name]
            names[name] = output.name
    return outputs, exports, names
