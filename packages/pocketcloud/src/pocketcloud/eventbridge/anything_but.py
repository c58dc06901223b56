"""The `anything-but` operator: any value except the listed ones, or except what a nested operator matches.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-anything-but
"""

from typing import Any

from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError
from pocketcloud.eventbridge.numeric_ranges import is_number
from pocketcloud.eventbridge.pattern_operators import OPERATORS, Test, equals

_AFFIXES = ("prefix", "suffix")
_NOT_A_TEXT = {
    "prefix": "prefix/suffix match pattern must be a string",
    "suffix": "prefix/suffix match pattern must be a string",
    "wildcard": "wildcard match pattern must be a string",
    "equals-ignore-case": (
        "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
    ),
}
_NOT_A_VALUE = "Value of anything-but must be an array or single string/number value."


def anything_but(operand: object, nested: frozenset[str]) -> Test:
    """Match any other value; `nested` is the set of operators allowed inside."""
    excluded = _nested(operand, nested) if isinstance(operand, dict) else _values(operand)
    return lambda value: not any(test(value) for test in excluded)


def nested_operands(operand: object, name: str) -> list[str]:
    """Return the operands of the nested operator `name`; empty for another form."""
    if not isinstance(operand, dict) or name not in operand:
        return []
    values = operand[name]
    return values if isinstance(values, list) else [values]


def _values(operand: object) -> list[Test]:
    values = operand if isinstance(operand, list) else [operand]
    if not isinstance(operand, list) and not _is_simple(operand):
        raise InvalidPatternError(_NOT_A_VALUE)
    if not all(_is_simple(value) for value in values):
        raise InvalidPatternError("Inside anything but list, start|null|boolean is not supported.")
    if len({isinstance(value, str) for value in values}) != 1:
        raise InvalidPatternError(
            "Inside anything but list, either all values are number or string, mixed type is not supported"
        )
    return [equals(value) for value in values]


def _nested(operand: dict[str, Any], allowed: frozenset[str]) -> list[Test]:
    name = next(iter(operand), None)
    if name is None:
        raise InvalidPatternError("Anything-But expression name not found")
    if name not in allowed or name not in _NOT_A_TEXT:
        raise InvalidPatternError(f"Unsupported anything-but pattern: {name}")
    values = operand[name]
    if not isinstance(values, list) and not _is_simple(values):
        raise InvalidPatternError(_NOT_A_VALUE)
    if len(operand) > 1:
        raise InvalidPatternError("Too many elements in numeric expression")
    return [_excluded(name, value) for value in nested_operands(operand, name)]


def _excluded(name: str, value: object) -> Test:
    if not isinstance(value, str):
        raise InvalidPatternError(_NOT_A_TEXT[name])
    if name in _AFFIXES and not value:
        raise InvalidPatternError("Null prefix/suffix not allowed")
    return OPERATORS[name](value)


def _is_simple(value: object) -> bool:
    return isinstance(value, str) or is_number(value)
