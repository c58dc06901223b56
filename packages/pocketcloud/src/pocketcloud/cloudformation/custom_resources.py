"""Find the custom resources of a template and the functions behind them."""

from collections.abc import Set as AbstractSet
from dataclasses import replace

from pocketcloud.cloudformation.intrinsics import references
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.custom import CUSTOM, HANDLER
from pocketcloud.cloudformation.template import Template, TemplateResource


def with_custom_resources(template: Template, stubs: AbstractSet[str]) -> Template:
    """Return the template in which every `Custom::Any` is a custom resource, if it is nothing else."""
    known = RESOURCE_TYPES.keys() | stubs
    resources = (
        replace(each, type=CUSTOM) if each.type.startswith("Custom::") and each.type not in known else each
        for each in template.resources
    )
    return replace(template, resources=tuple(resources))


def other_runtime(template: Template, resource: TemplateResource) -> str | None:
    """Return the runtime of the resource's function if the template shows that it is not Python."""
    behind = {name for name, _ in references(resource.properties.get("ServiceToken"), template.stack)}
    for each in template.resources:
        runtime = each.properties.get("Runtime")
        if each.logical_id in behind and isinstance(runtime, str) and not is_framework(each):
            return None if runtime.startswith("python") else runtime
    return None


def is_framework(resource: TemplateResource) -> bool:
    """Return whether the function is the CDK's provider framework, in front of another function."""
    environment = resource.properties.get("Environment", {})
    return isinstance(environment, dict) and HANDLER in environment.get("Variables", {})
