"""The `numeric` operator: one comparison, or a range such as `[">", 0, "<=", 5]`.

event-ruler compares numbers as IEEE 754 doubles.
"""

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_BOTTOMS, _TOPS = (">", ">="), ("<", "<=")
_ONE_COMPARISON, _RANGE = 2, 4
"""Members of the operand: one or two operators, each with its bound."""


def numeric(operand: object) -> Callable[[Any], bool]:
    """Match a number that satisfies all comparisons."""
    if not isinstance(operand, list):
        raise InvalidPatternError("Value of numeric must be an array.")
    name, bound = _comparison(operand)
    tests = [(_COMPARISONS[name], bound)]
    if len(operand) > _ONE_COMPARISON:
        top_name, top = _top(operand, name, bound)
        tests.append((_COMPARISONS[top_name], top))
    return lambda value: is_number(value) and all(holds(value, limit) for holds, limit in tests)


def is_number(value: object) -> bool:
    """Return whether the JSON value is a number; a boolean is not."""
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def comparable(value: float | Decimal) -> float | int:
    """Return the number as a double; raise InvalidPatternError if a double cannot hold it exactly."""
    number = float(value)
    if not math.isfinite(number) or Decimal(repr(number)) != value:
        raise InvalidPatternError(f"Cannot compare number : {value}")
    return number


def _comparison(members: list[Any]) -> tuple[str, float]:
    name = members[0] if members else "]"
    if not members or not isinstance(name, str):
        raise InvalidPatternError(f"Invalid member in numeric match: {name}")
    if name not in _COMPARISONS:
        raise InvalidPatternError(f"Unrecognized numeric range operator: {name}")
    return name, _bound(members, 1, name)


def _top(members: list[Any], bottom_name: str, bottom: float) -> tuple[str, float]:
    if bottom_name not in _BOTTOMS:
        raise InvalidPatternError("Too many elements in numeric expression")
    name = members[2]
    if not isinstance(name, str):
        raise InvalidPatternError(f"Bad value in numeric range: {name}")
    if name not in _TOPS:
        raise InvalidPatternError(f"Bad numeric range operator: {name}")
    top = _bound(members, 3, name)
    if len(members) > _RANGE:
        raise InvalidPatternError("Too many terms in numeric range expression")
    if top <= bottom:
        raise InvalidPatternError("Bottom must be less than top")
    return name, top


def _bound(members: list[Any], position: int, name: str) -> float:
    if len(members) <= position or not is_number(members[position]):
        raise InvalidPatternError(f"Value of {'equals' if name == '=' else name} must be numeric")
    return comparable(members[position])
