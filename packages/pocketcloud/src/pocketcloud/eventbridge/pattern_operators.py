"""The match operators of event patterns: each parses its operand once and returns a test for one value.

Names and limits: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
Error messages are those of https://github.com/aws/event-ruler, which EventBridge runs.
"""

import ipaddress
import operator
import re
from collections.abc import Callable
from typing import Any

Test = Callable[[Any], bool]

_NUMERIC_BOUND = 5_000_000_000
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class InvalidPatternError(ValueError):
    """AWS would reject this pattern, with this message."""


def equals(expected: object) -> Test:
    """Match the same JSON value; a number is not a boolean, and `300` is not `300.0` (as documented)."""
    return lambda value: type(value) is type(expected) and value == expected


def prefix(operand: object) -> Test:
    """Match text that starts with the operand, optionally ignoring case."""
    text, fold = _text_and_fold(operand, "prefix")
    return lambda value: isinstance(value, str) and fold(value).startswith(text)


def suffix(operand: object) -> Test:
    """Match text that ends with the operand, optionally ignoring case."""
    text, fold = _text_and_fold(operand, "suffix")
    return lambda value: isinstance(value, str) and fold(value).endswith(text)


def equals_ignore_case(operand: object) -> Test:
    """Match the same text, ignoring case."""
    text = _text(operand, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == text


def wildcard(operand: object) -> Test:
    r"""Match text in which each `*` stands for any characters; `\*` and `\\` are literals."""
    text = _text(operand, "wildcard")
    if re.search(r"(?<!\\)\*\*", text):
        raise InvalidPatternError("Consecutive wildcard characters")
    parts = re.findall(r"\\[*\\]|\*|[^*]", text, re.DOTALL)
    expression = "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)
    compiled = re.compile(expression, re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def cidr(operand: object) -> Test:
    """Match an IP address in the block."""
    try:
        block = ipaddress.ip_network(_text(operand, "cidr"), strict=False)
    except ValueError as error:
        raise InvalidPatternError(f"Malformed CIDR: {operand}") from error

    def inside(value: object) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in block
        except ValueError:
            return False

    return inside


def numeric(operand: object) -> Test:
    """Match a number that satisfies all comparisons, such as `[">", 0, "<=", 5]`."""
    if not isinstance(operand, list) or not operand or len(operand) % 2:
        raise InvalidPatternError("Invalid member in numeric match")
    names, bounds = operand[::2], operand[1::2]
    if not all(isinstance(name, str) and name in _COMPARISONS for name in names):
        raise InvalidPatternError(f"Unrecognized numeric range operator: {names[0]}")
    for bound in bounds:
        if not _is_number(bound) or abs(bound) > _NUMERIC_BOUND:
            raise InvalidPatternError(f"Value of {names[0]} must be numeric within +/-{_NUMERIC_BOUND}")
    _check_range(names, bounds)
    tests = [(_COMPARISONS[name], bound) for name, bound in zip(names, bounds, strict=True)]
    return lambda value: _is_number(value) and all(holds(value, bound) for holds, bound in tests)


def anything_but(operand: object, nested: frozenset[str]) -> Test:
    """Match any other value; `nested` is the set of operators allowed inside."""
    if isinstance(operand, dict):
        excluded = _nested_tests(operand, nested)
    else:
        values = operand if isinstance(operand, list) else [operand]
        if not values or any(isinstance(value, (dict, list, bool)) for value in values):
            raise InvalidPatternError("anything-but list must be limited to a list of strings or numbers")
        excluded = [equals(value) for value in values]
    return lambda value: not any(test(value) for test in excluded)


def _nested_tests(operand: dict[str, Any], nested: frozenset[str]) -> list[Test]:
    if len(operand) != 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    name, values = next(iter(operand.items()))
    if name not in nested or name not in TEXT_OPERATORS:
        raise InvalidPatternError(f"Unsupported anything-but pattern: {name}")
    wanted = values if isinstance(values, list) else [values]
    if not wanted:
        raise InvalidPatternError("Empty arrays are not allowed")
    return [TEXT_OPERATORS[name](_text(value, name)) for value in wanted]


def _check_range(names: list[str], bounds: list[Any]) -> None:
    one_sided = len(names) == 1
    two_sided = names[0] in {">", ">="} and names[1:] in (["<"], ["<="])
    if not one_sided and not two_sided:
        raise InvalidPatternError("Too many elements in numeric expression")
    if two_sided and bounds[1] <= bounds[0]:
        raise InvalidPatternError("Bottom must be less than top")


def _text_and_fold(operand: object, name: str) -> tuple[str, Callable[[str], str]]:
    if isinstance(operand, dict) and list(operand) == ["equals-ignore-case"]:
        return _text(operand["equals-ignore-case"], name).casefold(), str.casefold
    return _text(operand, name), str


def _text(operand: object, name: str) -> str:
    if not isinstance(operand, str) or not operand:
        raise InvalidPatternError(f"{name} match pattern must be a string that is not empty")
    return operand


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


TEXT_OPERATORS: dict[str, Callable[[object], Test]] = {
    "prefix": prefix,
    "suffix": suffix,
    "equals-ignore-case": equals_ignore_case,
    "wildcard": wildcard,
}
OPERATORS: dict[str, Callable[[object], Test]] = {**TEXT_OPERATORS, "cidr": cidr, "numeric": numeric}
