"""Compare a template with its deployed stack: what would change, and what cannot offline."""

from collections.abc import Iterator, Mapping
from typing import Any

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.lifecycles import LIFECYCLES
from pocketcloud.cloudformation.stack import DeployedStack
from pocketcloud.cloudformation.template import Template


def changed_properties(kind: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> frozenset[str]:
    """Return the properties whose values differ, without those that have no effect offline."""
    if kind not in RESOURCE_TYPES:
        return frozenset()  # a placeholder
    differing = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    return frozenset(differing - RESOURCE_TYPES[kind].ignored.keys())


def unsupported_changes(template: Template, deployed: DeployedStack) -> Iterator[str]:
    """Yield each change that is not supported, with its place; raise TemplateError for a changed type."""
    _check_types(template, deployed)
    for resource in template.resources:
        if resource.logical_id not in deployed.resources:
            continue
        declared = deployed.resources[resource.logical_id].source.properties
        changed = changed_properties(resource.type, declared, resource.properties)
        place = f"{template.stack}/{resource.logical_id} ({resource.type})"
        if reason := unsupported_change(resource.type, changed):
            yield f"{place}: {reason}"
    kept = {resource.logical_id for resource in template.resources}
    for logical_id, old in deployed.resources.items():
        is_deleted = logical_id not in kept and not old.source.is_retained
        if is_deleted and old.type in RESOURCE_TYPES and old.type not in LIFECYCLES:
            yield f"{template.stack}/{logical_id} ({old.type}): its deletion is not supported"


def unsupported_change(kind: str, changed: frozenset[str]) -> str | None:
    """Return why a change of these properties is not supported; None if it is, or nothing changed."""
    if not changed:
        return None
    lifecycle = LIFECYCLES.get(kind)
    refused = changed if lifecycle is None else changed & lifecycle.unsupported
    return f"a change of {', '.join(sorted(refused))} is not supported" if refused else None


def check_exports(
    name: str, before: DeployedStack, after: DeployedStack, others: Mapping[str, DeployedStack]
) -> None:
    """Raise TemplateError if the stack changed or removed an export that another stack imports.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """
    for export, value in before.exports.items():
        verb = "deleted" if export not in after.exports else "updated"
        if after.exports.get(export) == value:
            continue
        for other, stack in others.items():
            if stack.template is not None and _imports(stack.template, export):
                problem = f"Export {export} cannot be {verb} as it is in use by {other}"
                raise TemplateError(name, problem)


def _imports(template: Template, export: str) -> bool:
    wanted = {"Fn::ImportValue": export}
    values: list[Any] = [resource.properties for resource in template.resources]
    values += [output.value for output in template.outputs]
    while values:
        value = values.pop()
        if value == wanted:
            return True
        children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        values.extend(children)
    return False


def _check_types(template: Template, deployed: DeployedStack) -> None:
    changed = [
        resource.logical_id
        for resource in template.resources
        if resource.logical_id in deployed.resources
        and deployed.resources[resource.logical_id].type != resource.type
    ]
    if changed:
        raise TemplateError(
            template.stack,
            "Update of resource type is not permitted. The new template modifies resource type of the"
            f" following resources: [{', '.join(changed)}]",
        )
