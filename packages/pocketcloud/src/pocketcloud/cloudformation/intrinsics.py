"""The intrinsic functions as a template writes them: which there are, and what each refers to."""

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from pocketcloud.cloudformation.errors import TemplateError

Value: TypeAlias = Any
"""Any value of a template; what it is, the code that reads it finds out."""

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


def intrinsic(value: Value) -> tuple[str, Any] | None:
    """The function and its argument if the value is one intrinsic function call."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    function, argument = next(iter(value.items()))
    if function.startswith("Fn::") or (function in ("Ref", "Condition") and isinstance(argument, str)):
        return function, argument
    return None


def get_att(argument: Value, where: str) -> tuple[str, str]:
    """The logical id and the attribute of a `Fn::GetAtt`, written as a list or with a dot."""
    match argument.split(".", 1) if isinstance(argument, str) else argument:
        case [str(logical_id), str(attribute)]:
            return logical_id, attribute
    raise TemplateError(where, f"Fn::GetAtt takes a logical id and an attribute: {argument!r}")


def sub(argument: Value, where: str) -> tuple[str, dict[str, Any]]:
    """The text and the variables of a `Fn::Sub` in either of its forms."""
    match argument:
        case str():
            return argument, {}
        case [str(text), dict(variables)]:
            return text, variables
    raise TemplateError(where, f"Fn::Sub takes a text, or a text and variables: {argument!r}")


def references(value: Value, where: str) -> Iterator[tuple[str, str]]:
    """Every name the value refers to, with the place; TemplateError for what cannot be resolved here."""
    if isinstance(value, str) and "{{resolve:" in value:
        raise TemplateError(where, f"dynamic references are not resolved offline: {value}")
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
