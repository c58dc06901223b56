"""The rules of Choice states.

https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pocketcloud.stepfunctions.paths import MISSING, check_path, look
from pocketcloud.stepfunctions.state_error import RUNTIME, StateError


def _time(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda one, other: one == other,
    "GreaterThan": lambda one, other: one > other,
    "GreaterThanEquals": lambda one, other: one >= other,
    "LessThan": lambda one, other: one < other,
    "LessThanEquals": lambda one, other: one <= other,
}
_KINDS = ("String", "Numeric", "Timestamp")
_TESTS: Mapping[str, Callable[[Any], bool]] = {
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsNull": lambda value: value is None,
    "IsNumeric": _is_number,
    "IsPresent": lambda value: value is not MISSING,
    "IsString": lambda value: isinstance(value, str),
    "IsTimestamp": lambda value: _time(value) is not None,
}
_PATH = "Path"
_COMPARISONS = {f"{kind}{order}": (kind, order) for kind in _KINDS for order in _ORDERS} | {
    "BooleanEquals": ("Boolean", "Equals")
}
OPERATORS = {*_COMPARISONS, *(f"{name}{_PATH}" for name in _COMPARISONS), *_TESTS, "StringMatches"}
_GROUPS = {"And", "Or", "Not"}


def holds(rule: Mapping[str, Any], document: Any, context: Any) -> bool:
    """Return whether the rule matches; raise StateError if its variable is missing."""
    if "And" in rule:
        return all(holds(each, document, context) for each in rule["And"])
    if "Or" in rule:
        return any(holds(each, document, context) for each in rule["Or"])
    if "Not" in rule:
        return not holds(rule["Not"], document, context)
    operator = next(name for name in rule if name in OPERATORS)
    if operator in _TESTS:
        found = look(rule["Variable"], document, context)
        if operator != "IsPresent":
            found = _variable(rule["Variable"], document, context)
        return _TESTS[operator](found) is rule[operator]
    value = _variable(rule["Variable"], document, context)
    if operator == "StringMatches":
        return isinstance(value, str) and _matches(rule[operator], value)
    wanted = rule[operator]
    if operator.endswith(_PATH):
        wanted = _variable(wanted, document, context)
    return _compare(*_COMPARISONS[operator.removesuffix(_PATH)], value, wanted)


def problems(rule: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is invalid or not supported in a rule."""
    groups = rule.keys() & _GROUPS
    if groups:
        for group in groups:
            inner = rule[group]
            for each in inner if isinstance(inner, list) else [inner]:
                yield from problems(each)
        return
    if len(rule.keys() & OPERATORS) != 1 or "Variable" not in rule:
        yield f"Choices: invalid rule {dict(rule)}"
        return
    for name in ("Variable", *(name for name in rule if name.endswith(_PATH))):
        try:
            check_path(rule[name])
        except ValueError as error:
            yield f"Choices: {error}"


def _variable(path: str, document: Any, context: Any) -> Any:
    found = look(path, document, context)
    if found is MISSING:
        cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise StateError(RUNTIME, cause)
    return found


def _compare(kind: str, order: str, value: Any, wanted: Any) -> bool:
    """Return the result of a comparison; values of another type match nothing."""
    read = {"Boolean": _boolean, "Numeric": _number, "String": _text, "Timestamp": _time}[kind]
    one, other = read(value), read(wanted)
    return one is not None and other is not None and _ORDERS[order](one, other)


def _boolean(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return value if _is_number(value) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _matches(pattern: str, text: str) -> bool:
    r"""Return whether the text matches; only `*` is special, and `\*` is an asterisk."""
    parts = [
        re.escape(part.replace("\\*", "*").replace("\\\\", "\\")) for part in re.split(r"(?<!\\)\*", pattern)
    ]
    return re.fullmatch(".*".join(parts), text, re.DOTALL) is not None
