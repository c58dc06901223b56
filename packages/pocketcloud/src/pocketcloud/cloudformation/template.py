"""Read a CloudFormation template strictly: evaluate its conditions and order its resources for creation."""

import graphlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.cloudformation.conditions import Conditions
from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.intrinsics import Value, references
from pocketcloud.cloudformation.mappings import TemplateMappings

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
    }
)
RULES = frozenset({"CheckBootstrapVersion"})
"""The CDK's assertion on the bootstrap version, which the offline account always satisfies."""
ATTRIBUTES = frozenset(
    {
        "Condition",
        "DeletionPolicy",
        "DependsOn",
        "Metadata",
        "Properties",
        "Type",
        "UpdatePolicy",
        "UpdateReplacePolicy",
    }
)
"""Attributes of a resource; an update policy has no effect on the supported types."""
POLICIES = {"Delete": False, "Retain": True, "RetainExceptOnCreate": True}
"""Deletion and replacement policies, and whether the resource stays. No supported type has snapshots.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
"""


@dataclass(frozen=True, slots=True)
class TemplateResource:
    """One declared resource, with conditions evaluated."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...]
    declared_type: str = ""
    """The type in the template: `Custom::Any` of a custom resource."""
    path: str = ""
    """The construct's path in the CDK app, if the template has it."""
    is_retained: bool = False
    """Whether it stays when it is removed from the template: its DeletionPolicy."""
    is_retained_when_replaced: bool = False
    """Whether its predecessor stays when it is replaced: its UpdateReplacePolicy."""


@dataclass(frozen=True, slots=True)
class StackOutput:
    """One output; other stacks import it by its `export` name."""

    name: str
    value: Value
    export: Value


@dataclass(frozen=True, slots=True)
class Template:
    """The contents of one stack; `resources` are in creation order."""

    stack: str
    parameters: Mapping[str, str]
    resources: tuple[TemplateResource, ...]
    outputs: tuple[StackOutput, ...]


def read_template(
    stack: str,
    document: Mapping[str, Any],
    *,
    pseudo_parameters: Mapping[str, str],
    ssm_parameter: Callable[[str], str | None],
) -> Template:
    """Read a stack's template; raise TemplateError with the place if CloudFormation would reject it."""
    _refuse_others(document, SECTIONS, stack)
    _refuse_others(document.get("Rules", {}), RULES, f"{stack}/Rules")
    parameters = {
        name: _parameter(f"{stack}/Parameters.{name}", declared, ssm_parameter)
        for name, declared in document.get("Parameters", {}).items()
    }
    values = {**pseudo_parameters, **parameters}
    mappings = TemplateMappings(document.get("Mappings", {}), values)
    conditions = Conditions(stack, document.get("Conditions", {}), values, mappings)
    resources = _resources(stack, document.get("Resources", {}), conditions)
    outputs = tuple(_outputs(stack, document.get("Outputs", {}), conditions))
    order = _creation_order(stack, resources, outputs, frozenset({*pseudo_parameters, *parameters}))
    return Template(stack, parameters, tuple(resources[logical_id] for logical_id in order), outputs)


def _refuse_others(document: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    if unknown := sorted(document.keys() - known):
        raise TemplateError(where, f"not supported offline: {', '.join(unknown)}")


def _parameter(where: str, declared: Mapping[str, Any], ssm_parameter: Callable[[str], str | None]) -> str:
    if "Default" not in declared:
        raise TemplateError(where, "the parameter has no default; offline there is no other way to set it")
    match declared.get("Type"):
        case "String" | "Number":
            return str(declared["Default"])
        case "AWS::SSM::Parameter::Value<String>":
            value = ssm_parameter(declared["Default"])
            if value is not None:
                return value
            raise TemplateError(where, f"there is no SSM parameter {declared['Default']}")
    raise TemplateError(where, f"parameters of type {declared.get('Type')!r} are not supported offline")


def _resources(
    stack: str, declared: Mapping[str, Any], conditions: Conditions
) -> dict[str, TemplateResource]:
    found = {}
    for logical_id, resource in declared.items():
        where = f"{stack}/{logical_id}"
        _refuse_others(resource, ATTRIBUTES, where)
        if "Condition" in resource and not conditions.holds(resource["Condition"], where):
            continue
        properties = conditions.settle(resource.get("Properties", {}), where)
        depends_on = resource.get("DependsOn", ())
        dependencies = (depends_on,) if isinstance(depends_on, str) else tuple(depends_on)
        path = resource.get("Metadata", {}).get("aws:cdk:path", "")
        found[logical_id] = TemplateResource(
            logical_id,
            resource["Type"],
            properties,
            dependencies,
            declared_type=resource["Type"],
            path=path,
            is_retained=_is_retained(resource, "DeletionPolicy", where),
            is_retained_when_replaced=_is_retained(resource, "UpdateReplacePolicy", where),
        )
    return found


def _is_retained(resource: Mapping[str, Any], policy: str, where: str) -> bool:
    value = resource.get(policy, "Delete")
    if value not in POLICIES:
        raise TemplateError(where, f"{policy} {value!r} is not supported offline")
    return POLICIES[value]


def _outputs(stack: str, declared: Mapping[str, Any], conditions: Conditions) -> Iterator[StackOutput]:
    for name, output in declared.items():
        where = f"{stack}/Outputs.{name}"
        if "Condition" not in output or conditions.holds(output["Condition"], where):
            settled = conditions.settle(output, where)
            yield StackOutput(name, settled["Value"], settled.get("Export", {}).get("Name"))


def _creation_order(
    stack: str,
    resources: Mapping[str, TemplateResource],
    outputs: tuple[StackOutput, ...],
    given: frozenset[str],
) -> tuple[str, ...]:
    known = given | resources.keys()
    for output in outputs:
        _names([output.value, output.export], f"{stack}/Outputs.{output.name}", known)
    graph = {
        logical_id: [
            *_names(resource.properties, f"{stack}/{logical_id}", known),
            *_names(
                [{"Ref": name} for name in resource.depends_on], f"{stack}/{logical_id}.DependsOn", known
            ),
        ]
        for logical_id, resource in resources.items()
    }
    try:
        order = tuple(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as cycle:
        raise TemplateError(stack, f"circular dependency: {' -> '.join(cycle.args[1])}") from None
    return tuple(name for name in order if name in resources)


def _names(value: Value, where: str, known: frozenset[str]) -> list[str]:
    names = []
    for name, place in references(value, where):
        if name not in known:
            raise TemplateError(place, f"the stack has no resource or parameter {name!r}")
        names.append(name)
    return names
