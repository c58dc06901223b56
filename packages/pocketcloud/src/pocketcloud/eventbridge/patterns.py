"""Event patterns of rules, subscriptions and event source mappings, compiled to functions.

moto's own matcher treats an unknown operator as a match and cannot match arrays of objects.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pocketcloud.eventbridge.pattern_operators import (
    OPERATORS,
    InvalidPatternError,
    Test,
    anything_but,
    equals,
)

__all__ = ["BUS", "MAPPING", "SUBSCRIPTION", "Dialect", "InvalidPatternError", "compile_pattern"]

Matcher = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The operators that a service supports, and those it supports inside `anything-but`."""

    operators: frozenset[str]
    inside_anything_but: frozenset[str]


_COMMON = frozenset({"prefix", "suffix", "equals-ignore-case", "numeric", "exists", "anything-but"})
_TEXT = frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"})

BUS = Dialect(_COMMON | {"cidr", "wildcard"}, _TEXT)
SUBSCRIPTION = Dialect(_COMMON | {"cidr", "wildcard"}, _TEXT)
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
MAPPING = Dialect(_COMMON, frozenset())


@lru_cache(maxsize=4096)
def compile_pattern(text: str, dialect: Dialect) -> Matcher:
    """Compile a pattern; raise InvalidPatternError if AWS would reject it."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise InvalidPatternError("Invalid JSON") from error
    if not isinstance(pattern, dict):
        raise InvalidPatternError("Filter is not an object")
    return _object(pattern, dialect)


def _object(pattern: dict[str, Any], dialect: Dialect) -> Matcher:
    if not pattern:
        raise InvalidPatternError("Empty objects are not allowed")
    fields = [(name, _field(name, rule, dialect)) for name, rule in pattern.items() if name != "$or"]
    either = _alternatives(pattern["$or"], dialect) if "$or" in pattern else None

    def matches(value: object) -> bool:
        # An array of objects matches if one object satisfies all fields.
        if isinstance(value, list) and value:
            return any(matches(element) for element in value)
        known = value if isinstance(value, dict) else {}
        return all(test(known.get(name, ...)) for name, test in fields) and (either is None or either(known))

    return matches


def _field(name: str, rule: object, dialect: Dialect) -> Matcher:
    if isinstance(rule, dict):
        return _object(rule, dialect)
    if isinstance(rule, list):
        return _leaf(rule, dialect)
    raise InvalidPatternError(f'"{name}" must be an object or an array')


def _alternatives(rules: object, dialect: Dialect) -> Matcher:
    minimum = 2
    if not isinstance(rules, list) or len(rules) < minimum or not all(isinstance(r, dict) for r in rules):
        raise InvalidPatternError("$or must be an array of at least two objects")
    tests = [_object(rule, dialect) for rule in rules]
    return lambda value: any(test(value) for test in tests)


def _leaf(rules: list[Any], dialect: Dialect) -> Matcher:
    if not rules:
        raise InvalidPatternError("Empty arrays are not allowed")
    existence = [rule["exists"] for rule in rules if _is_existence(rule, dialect)]
    tests = [_test(rule, dialect) for rule in rules if not _is_existence(rule, dialect)]

    def matches(value: object) -> bool:
        leaves = _leaves(value)
        if any(wanted is bool(leaves) for wanted in existence):
            return True
        return any(test(leaf) for leaf in leaves for test in tests)

    return matches


def _is_existence(rule: object, dialect: Dialect) -> bool:
    if not isinstance(rule, dict) or list(rule) != ["exists"] or "exists" not in dialect.operators:
        return False
    if not isinstance(rule["exists"], bool):
        raise InvalidPatternError("exists match pattern must be either true or false")
    return True


def _test(rule: object, dialect: Dialect) -> Test:
    if isinstance(rule, list):
        raise InvalidPatternError("Match value must be String, number, true, false, or null")
    if not isinstance(rule, dict):
        return equals(rule)
    if len(rule) != 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    name, operand = next(iter(rule.items()))
    if name not in dialect.operators:
        raise InvalidPatternError(f"Unrecognized match type {name}")
    if name == "anything-but":
        return anything_but(operand, dialect.inside_anything_but)
    return OPERATORS[name](operand)


def _leaves(value: object) -> list[Any]:
    """Return the scalar values; an absent field, an object or an empty array has none."""
    if isinstance(value, list):
        return [leaf for element in value for leaf in _leaves(element)]
    return [] if value is ... or isinstance(value, dict) else [value]
