"""Read a pattern's JSON into branches, each with the rules of its fields by path.

Every `$or` multiplies the branches; a field that is named twice keeps its last rules, as in event-ruler.
"""

import json
from decimal import Decimal
from typing import Any

from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError

Branch = dict[str, list[Any]]
"""The rules of each field, by the field's path."""

_OR = "$or"
_MINIMUM_ALTERNATIVES = 2
_RESERVED = frozenset(
    {
        *("exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard"),
        *("numeric", "cidr", "=", "<", "<=", ">", ">=", "regex"),
        *("not-wildcard", "not-equals-ignore-case"),
        *("date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range"),
        *("ip-address-in-range", "ip-address-not-in-range"),
    }
)
"""Names that event-ruler rejects as fields inside `$or`."""


class Members(list[tuple[str, Any]]):
    """The members of a JSON object, in which a name may occur twice."""


def read_pattern(text: str) -> Members:
    """Parse the pattern; raise InvalidPatternError unless it is a JSON object."""
    try:
        pattern = json.loads(
            text, object_pairs_hook=Members, parse_float=Decimal, parse_constant=_reject_constant
        )
    except ValueError as error:
        raise InvalidPatternError(f"Invalid JSON: {error}") from error
    if not isinstance(pattern, Members):
        raise InvalidPatternError("Filter is not an object")
    return pattern


def branches_of(pattern: Members) -> list[Branch]:
    """Return the branches of the pattern; an event must satisfy all fields of one."""
    return _read(pattern, (), [{}], is_inside_or=False)


def _read(
    members: Members, path: tuple[str, ...], branches: list[Branch], *, is_inside_or: bool
) -> list[Branch]:
    if not members:
        raise InvalidPatternError("Empty objects are not allowed")
    for name, value in members:
        here = (*path, name)
        if name == _OR:
            branches = _alternatives(value, path, branches)
        elif is_inside_or and name in _RESERVED:
            raise InvalidPatternError(
                f"{name} is Ruler reserved fieldName which cannot be used inside {_OR}."
            )
        elif isinstance(value, Members):
            branches = _read(value, here, branches, is_inside_or=is_inside_or)
        elif isinstance(value, list):
            branches = [{**branch, ".".join(here): _rules(value)} for branch in branches]
        else:
            raise InvalidPatternError(f'"{name}" must be an object or an array')
    return branches


def _alternatives(value: object, path: tuple[str, ...], branches: list[Branch]) -> list[Branch]:
    if not isinstance(value, list) or isinstance(value, Members):
        raise InvalidPatternError(f"It must be an Array followed with {_OR}.")
    if not all(isinstance(each, Members) for each in value):
        raise InvalidPatternError(f"Only JSON object is allowed in array of {_OR} relationship.")
    read = [_read(each, path, branches, is_inside_or=True) for each in value]
    if len(read) < _MINIMUM_ALTERNATIVES:
        raise InvalidPatternError(f"There must have at least 2 Objects in {_OR} relationship.")
    return [branch for alternative in read for branch in alternative]


def _rules(values: list[Any]) -> list[Any]:
    if not values:
        raise InvalidPatternError("Empty arrays are not allowed")
    return [_plain(value) for value in values]


def _plain(value: object) -> object:
    """Return an operator's JSON with dictionaries; an operator has one name only."""
    if isinstance(value, Members):
        if len({name for name, _ in value}) != len(value):
            raise InvalidPatternError("Only one key allowed in match expression")
        return {name: _plain(each) for name, each in value}
    return list(map(_plain, value)) if isinstance(value, list) else value


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
