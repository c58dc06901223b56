"""Evaluate intrinsic functions against the resources created so far."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pocketcloud.cloudformation.errors import TemplateError
from pocketcloud.cloudformation.intrinsics import SUB_VARIABLE, Value, get_att, intrinsic, sub


@dataclass(slots=True)
class Scope:
    """Values that the functions of one stack can refer to; it grows with every resource created."""

    refs: dict[str, Value]
    """Values for `Ref`: pseudo parameters, parameters and resources."""
    exports: Mapping[str, Value]
    """Exports of all stacks deployed so far, for `Fn::ImportValue`."""
    stack_outputs: Mapping[str, Mapping[str, Value]]
    """Outputs of each stack deployed so far, for `Fn::GetStackOutput`."""
    attributes: dict[str, Mapping[str, Value]] = field(default_factory=dict)


def resolve(value: Value, scope: Scope, where: str) -> Value:
    """Replace each intrinsic function by its result; raise TemplateError with the place on failure."""
    if isinstance(value, list):
        return [resolve(item, scope, f"{where}[{index}]") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    function, argument = intrinsic(value) or ("", None)
    if function in FUNCTIONS:
        return FUNCTIONS[function](argument, scope, where)
    return {key: resolve(child, scope, f"{where}.{key}") for key, child in value.items()}


def _ref(name: Value, scope: Scope, where: str) -> Value:
    return _known(scope.refs, name, where, f"unknown reference {name!r}")


def _get_att(argument: Value, scope: Scope, where: str) -> Value:
    logical_id, attribute = get_att(argument, where)
    attributes = _known(scope.attributes, logical_id, where, f"{logical_id!r} has no attributes")
    return _known(attributes, attribute, where, f"{logical_id!r} has no attribute {attribute!r} offline")


def _sub(argument: Value, scope: Scope, where: str) -> str:
    text, declared = sub(argument, where)
    variables = resolve(declared, scope, where)

    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        if name in variables:
            return str(variables[name])
        return str(_get_att(name, scope, where) if "." in name else _ref(name, scope, where))

    return SUB_VARIABLE.sub(value_of, text).replace("${!", "${")


def _join(argument: Value, scope: Scope, where: str) -> str:
    match argument:
        case [str(delimiter), items]:
            return delimiter.join(str(item) for item in _list(items, scope, where))
    raise TemplateError(where, f"Fn::Join takes a delimiter and a list: {argument!r}")


def _select(argument: Value, scope: Scope, where: str) -> Value:
    match argument:
        case [index, items] if str(index).isdecimal():
            candidates = _list(items, scope, where)
            if int(index) < len(candidates):
                return candidates[int(index)]
    raise TemplateError(where, f"Fn::Select takes an index within its list: {argument!r}")


def _split(argument: Value, scope: Scope, where: str) -> list[str]:
    match argument:
        case [str(delimiter), text] if delimiter:
            return str(resolve(text, scope, where)).split(delimiter)
    raise TemplateError(where, f"Fn::Split takes a delimiter and a text: {argument!r}")


def _import_value(argument: Value, scope: Scope, where: str) -> Value:
    name = resolve(argument, scope, where)
    return _known(scope.exports, name, where, f"no stack deployed before this one exports {name!r}")


def _get_stack_output(argument: Value, scope: Scope, where: str) -> Value:
    wanted = resolve(argument, scope, where)
    if not isinstance(wanted, dict) or wanted.keys() - {"StackName", "OutputName", "Region"}:
        raise TemplateError(where, f"Fn::GetStackOutput takes StackName, OutputName and Region: {wanted!r}")
    if wanted.get("Region", scope.refs["AWS::Region"]) != scope.refs["AWS::Region"]:
        raise TemplateError(where, f"only one region is supported offline: {wanted!r}")
    stack, output = wanted.get("StackName"), wanted.get("OutputName")
    outputs = _known(scope.stack_outputs, stack, where, f"no stack {stack!r} is deployed before this one")
    return _known(outputs, output, where, f"stack {stack!r} has no output {output!r}")


def _known(values: Mapping[str, Value], name: Value, where: str, problem: str) -> Value:
    if name not in values:
        raise TemplateError(where, problem)
    return values[name]


def _list(items: Value, scope: Scope, where: str) -> list[Value]:
    resolved = resolve(items, scope, where)
    if not isinstance(resolved, list):
        raise TemplateError(where, f"not a list: {resolved!r}")
    return resolved


FUNCTIONS: Mapping[str, Callable[[Value, Scope, str], Value]] = {
    "Fn::GetAtt": _get_att,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::ImportValue": _import_value,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Ref": _ref,
}
