"""Parse the intrinsic functions of a template and find their references."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from pocketcloud.cloudformation.errors import TemplateError

Value: TypeAlias = Any
"""Any JSON value in a template."""

FUNCTIONS = frozenset(
    {
        "Fn::GetAtt",
        "Fn::GetStackOutput",
        "Fn::ImportValue",
        "Fn::Join",
        "Fn::Select",
        "Fn::Split",
        "Fn::Sub",
        "Ref",
    }
)
SUB_VARIABLE = re.compile(r"\$\{([^!{}][^{}]*)\}")
"""`${Name}` and `${Name.Attribute}`, but not `${!Literal}`."""

OTHER_REFERENCE = re.compile(r"\{\{resolve:(?!secretsmanager:)")
"""A dynamic reference to something other than a secret; `secret_references` resolves the others."""


def intrinsic(value: Value) -> tuple[str, Any] | None:
    """Return the function and its argument if the value is an intrinsic function call."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    function, argument = next(iter(value.items()))
    if function.startswith("Fn::") or (function in ("Ref", "Condition") and isinstance(argument, str)):
        return function, argument
    return None


def get_att(argument: Value, where: str) -> tuple[str, str]:
    """Return the logical id and the attribute of a `Fn::GetAtt`, from its list or dotted form."""
    match argument.split(".", 1) if isinstance(argument, str) else argument:
        case [str(logical_id), str(attribute)]:
            return logical_id, attribute
    raise TemplateError(where, f"Fn::GetAtt takes a logical id and an attribute: {argument!r}")


def sub(argument: Value, where: str) -> tuple[str, dict[str, Any]]:
    """Return the text and the variables of a `Fn::Sub`, from either form."""
    match argument:
        case str():
            return argument, {}
        case [str(text), dict(variables)]:
            return text, variables
    raise TemplateError(where, f"Fn::Sub takes a text, or a text and variables: {argument!r}")


def references(value: Value, where: str) -> Iterator[tuple[str, str]]:
    """Yield every name the value refers to, with its place; raise TemplateError if one is unsupported."""
    if isinstance(value, str) and OTHER_REFERENCE.search(value):
        raise TemplateError(where, f"only dynamic references to secrets are supported offline: {value}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from references(item, f"{where}[{index}]")
    if isinstance(value, dict):
        yield from _references_of_mapping(value, where)


def _references_of_mapping(value: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    function, argument = intrinsic(value) or ("", "")
    calls = [key for key in value if key.startswith("Fn::") or key == "Ref"]
    if calls and function not in FUNCTIONS:
        raise TemplateError(where, f"unknown or malformed intrinsic function: {', '.join(calls)}")
    match function:
        case "Ref":
            yield argument, where
        case "Fn::GetAtt":
            yield get_att(argument, where)[0], where
        case "Fn::Sub":
            yield from _references_of_sub(argument, where)
        case _:
            for key, child in value.items():
                yield from references(child, f"{where}.{key}")


def _references_of_sub(argument: Value, where: str) -> Iterator[tuple[str, str]]:
    text, variables = sub(argument, where)
    for name in SUB_VARIABLE.findall(text):
        if name not in variables:
            yield name.split(".", 1)[0], where
    yield from references(text, where)
    yield from references(variables, where)
