"""A CloudFormation template, read strictly: conditions decided, resources in the order of their creation."""

import graphlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.cloudformation.conditions import Conditions
from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.intrinsics import Value, references

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
    }
)
RULES = frozenset({"CheckBootstrapVersion"})
"""The CDK's own assertion on the bootstrap stack, whose version the account offers as the manifest asks."""
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
"""Of a resource. The policies on deletion, replacement and update wait for what is not offered."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource as the template declares it, with its conditions decided."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    depends_on: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """One output; other stacks import it by the name in `export`."""

    name: str
    value: Value
    export: Value


@dataclass(frozen=True, slots=True)
class Template:
    """What one stack creates, in the order in which it can be created."""

    stack: str
    parameters: Mapping[str, str]
    resources: tuple[Resource, ...]
    outputs: tuple[Output, ...]


def read_template(
    stack: str,
    document: Mapping[str, Any],
    *,
    pseudo_parameters: Mapping[str, str],
    ssm_parameter: Callable[[str], str | None],
) -> Template:
    """The stack's template; TemplateError, naming the place, where CloudFormation would not take it."""
    _refuse_others(document, SECTIONS, stack)
    _refuse_others(document.get("Rules", {}), RULES, f"{stack}/Rules")
    parameters = {
        name: _parameter(f"{stack}/Parameters.{name}", declared, ssm_parameter)
        for name, declared in document.get("Parameters", {}).items()
    }
    conditions = Conditions(stack, document.get("Conditions", {}), {**pseudo_parameters, **parameters})
    resources = _resources(stack, document.get("Resources", {}), conditions)
    outputs = tuple(_outputs(stack, document.get("Outputs", {}), conditions))
    order = _creation_order(stack, resources, outputs, frozenset({*pseudo_parameters, *parameters}))
    return Template(stack, parameters, tuple(resources[logical_id] for logical_id in order), outputs)


def _refuse_others(document: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    if unknown := sorted(document.keys() - known):
        raise TemplateError(where, f"not supported offline: {', '.join(unknown)}")


def _parameter(where: str, declared: Mapping[str, Any], ssm_parameter: Callable[[str], str | None]) -> str:
    if "Default" not in declared:
        raise TemplateError(where, "the parameter has no default, and offline nobody is asked for its value")
    match declared.get("Type"):
        case "String" | "Number":
            return str(declared["Default"])
        case "AWS::SSM::Parameter::Value<String>":
            value = ssm_parameter(declared["Default"])
            if value is not None:
                return value
            raise TemplateError(where, f"there is no SSM parameter {declared['Default']}")
    raise TemplateError(where, f"parameters of type {declared.get('Type')!r} are not supported offline")


def _resources(stack: str, declared: Mapping[str, Any], conditions: Conditions) -> dict[str, Resource]:
    found = {}
    for logical_id, resource in declared.items():
        where = f"{stack}/{logical_id}"
        _refuse_others(resource, ATTRIBUTES, where)
        if "Condition" in resource and not conditions.holds(resource["Condition"], where):
            continue
        properties = conditions.settle(resource.get("Properties", {}), where)
        depends_on = resource.get("DependsOn", ())
        dependencies = (depends_on,) if isinstance(depends_on, str) else tuple(depends_on)
        found[logical_id] = Resource(logical_id, resource["Type"], properties, dependencies)
    return found


def _outputs(stack: str, declared: Mapping[str, Any], conditions: Conditions) -> Iterator[Output]:
    for name, output in declared.items():
        where = f"{stack}/Outputs.{name}"
        if "Condition" not in output or conditions.holds(output["Condition"], where):
            settled = conditions.settle(output, where)
            yield Output(name, settled["Value"], settled.get("Export", {}).get("Name"))


def _creation_order(
    stack: str, resources: Mapping[str, Resource], outputs: tuple[Output, ...], given: frozenset[str]
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
            raise TemplateError(place, f"there is neither a resource nor a parameter {name!r} in this stack")
        names.append(name)
    return names
