"""Event patterns of rules, subscriptions and event source mappings, compiled to functions.

moto's own matcher treats an unknown operator as a match and cannot match arrays of objects.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pocketcloud.eventbridge.anything_but import anything_but, nested_operands
from pocketcloud.eventbridge.event_fields import Fields, Place, agree, are_consistent, plan_steps, read_fields
from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError
from pocketcloud.eventbridge.pattern_document import Branch, branches_of, read_pattern
from pocketcloud.eventbridge.pattern_operators import OPERATORS, Test, address_of, equals
from pocketcloud.eventbridge.wildcards import check_complexity, parse_wildcard

__all__ = ["BUS", "MAPPING", "SUBSCRIPTION", "Dialect", "InvalidPatternError", "compile_pattern"]

Matcher = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Dialect:
    """The operators that a service supports, and those it supports inside `anything-but`."""

    operators: frozenset[str]
    inside_anything_but: frozenset[str]


_COMMON = frozenset({"prefix", "suffix", "equals-ignore-case", "numeric", "exists", "anything-but"})
_TEXT = frozenset({"prefix", "suffix", "equals-ignore-case", "wildcard"})

BUS = Dialect(_COMMON | {"cidr", "exactly", "wildcard"}, _TEXT)
SUBSCRIPTION = Dialect(_COMMON | {"cidr", "wildcard"}, frozenset({"prefix"}))
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
MAPPING = Dialect(_COMMON, frozenset())


@dataclass(frozen=True, slots=True)
class _Leaf:
    """The compiled rules of one field; any of them may match."""

    texts: frozenset[str]
    """Texts to compare with, which are the most frequent rules."""
    tests: tuple[Test, ...]
    may_be_absent: bool

    def matches(self, value: object) -> bool:
        return (isinstance(value, str) and value in self.texts) or any(test(value) for test in self.tests)


@lru_cache(maxsize=4096)
def compile_pattern(text: str, dialect: Dialect) -> Matcher:
    """Compile a pattern; raise InvalidPatternError if AWS would reject it."""
    branches = branches_of(read_pattern(text))
    _check_wildcards(branches)
    compiled = [{path: _leaf(rules, dialect) for path, rules in branch.items()} for branch in branches]
    first = plan_steps(path for branch in branches for path in branch)

    # Most rules ask for another source or detail type: decide that before the fields are read.
    simple = [(path, leaf) for path, leaf in compiled[0].items() if "." not in path] * (len(compiled) == 1)

    def matches(event: object) -> bool:
        if isinstance(event, dict):
            for path, leaf in simple:
                value = event.get(path)
                if isinstance(value, str) and not leaf.matches(value):
                    return False
        fields = read_fields(event, first)
        return any(_matches(branch, fields) for branch in compiled)

    return matches


def _matches(branch: dict[str, _Leaf], fields: Fields) -> bool:
    places: list[set[Place]] = []
    for path, leaf in branch.items():
        values = fields.get(path)
        if leaf.may_be_absent:
            if values is None:
                continue
            return _matches_in_order(branch, fields)
        found = {place for value, place in values or () if leaf.matches(value)}
        if not found:
            return False
        places.append(found)
    return are_consistent(places)


def _matches_in_order(branch: dict[str, _Leaf], fields: Fields) -> bool:
    """Match the fields in the order of their paths; the elements chosen so far decide what is absent.

    So does event-ruler: a field counts as absent if no chosen element of an array has it.
    """
    chosen: set[Place] = {()}
    for path, leaf in sorted(branch.items()):
        values = [(leaf.matches(value), place) for value, place in fields.get(path, ())]
        chosen = {
            following
            for before in chosen
            for following in _following(before, values, may_be_absent=leaf.may_be_absent)
        }
    return bool(chosen)


def _following(before: Place, values: list[tuple[bool, Place]], *, may_be_absent: bool) -> Iterator[Place]:
    reachable = [(is_match, place) for is_match, place in values if agree(before, place)]
    if may_be_absent and not reachable:
        yield before
    yield from (tuple(dict.fromkeys((*before, *place))) for is_match, place in reachable if is_match)


def _leaf(rules: list[Any], dialect: Dialect) -> _Leaf:
    tests = [_test(rule, dialect) for rule in rules if not isinstance(rule, str)]
    return _Leaf(
        texts=frozenset(rule for rule in rules if isinstance(rule, str)),
        tests=(*tests, *(equals(rule) for rule in rules if isinstance(rule, str) and address_of(rule))),
        may_be_absent={"exists": False} in rules,
    )


def _test(rule: object, dialect: Dialect) -> Test:
    if isinstance(rule, list):
        raise InvalidPatternError("Match value must be String, number, true, false, or null")
    if not isinstance(rule, dict):
        return equals(float(rule) if isinstance(rule, Decimal) else rule)
    if not rule:
        raise InvalidPatternError("Match expression name not found")
    name, operand = next(iter(rule.items()))
    if name not in dialect.operators:
        raise InvalidPatternError(f"Unrecognized match type {name}")
    test = _operator(name, operand, dialect)
    if len(rule) != 1:
        raise InvalidPatternError("Only one key allowed in match expression")
    return test


def _operator(name: str, operand: object, dialect: Dialect) -> Test:
    if name == "anything-but":
        return anything_but(operand, dialect.inside_anything_but)
    if name == "exists":
        if not isinstance(operand, bool):
            raise InvalidPatternError("exists match pattern must be either true or false.")
        return lambda _: operand
    return OPERATORS[name](operand)


def _check_wildcards(branches: list[Branch]) -> None:
    """Raise InvalidPatternError if the wildcards of a field are too complex.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching-complexity
    """
    for branch in branches:
        for rules in branch.values():
            operands = [each for rule in rules if isinstance(rule, dict) for each in _wildcards(rule)]
            check_complexity(parse_wildcard(each) for each in operands if isinstance(each, str))


def _wildcards(rule: dict[str, Any]) -> list[Any]:
    return [rule.get("wildcard"), *nested_operands(rule.get("anything-but"), "wildcard")]
