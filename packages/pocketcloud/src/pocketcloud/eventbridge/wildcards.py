r"""The `wildcard` operator: each `*` stands for any characters; `\*` and `\\` are literals.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
"""

import re
from collections.abc import Iterable

from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError

_ANY = None
"""Stands for `*` in a parsed wildcard; every other element is one literal character."""
Wildcard = tuple[str | None, ...]

MAXIMUM_COMPLEXITY = 10
"""The limit of one rule that event-ruler's README suggests; AWS publishes no figure."""
_TOO_COMPLEX = (
    "Rule is too complex - try using fewer wildcard characters"
    " or fewer repeating character sequences after a wildcard character"
)


def parse_wildcard(text: str) -> Wildcard:
    """Split the operand into literal characters and `*`; reject `**` and other escapes."""
    parts: list[str | None] = []
    position = 0
    while position < len(text):
        character, following = text[position], text[position + 1 : position + 2]
        if character == "*" and following == "*":
            # AWS counts from the opening quotation mark.
            raise InvalidPatternError(f"Consecutive wildcard characters at pos {position + 1}")
        is_escape = character == "\\"
        if is_escape and following not in {"*", "\\"}:
            raise InvalidPatternError(f"Invalid escape character at pos {position + 1}")
        parts.append(following if is_escape else _ANY if character == "*" else character)
        position += 2 if is_escape else 1
    return tuple(parts)


def compile_wildcard(wildcard: Wildcard) -> re.Pattern[str]:
    """Return the regular expression that a whole text must match."""
    return re.compile("".join(".*" if part is _ANY else re.escape(part) for part in wildcard), re.DOTALL)


def check_complexity(wildcards: Iterable[Wildcard]) -> None:
    """Raise InvalidPatternError if one field's wildcards are too complex together."""
    if complexity_of(wildcards) > MAXIMUM_COMPLEXITY:
        raise InvalidPatternError(_TOO_COMPLEX)


def complexity_of(wildcards: Iterable[Wildcard]) -> int:
    """Return how many wildcard prefixes one text can match at most, as event-ruler counts them.

    A state is the number of parts that are matched; a text is in several states at once. Stop counting
    above the limit.
    """
    unique = tuple(dict.fromkeys(wildcards))
    alphabet = {part for wildcard in unique for part in wildcard if part is not _ANY} | {""}
    start = frozenset((number, 0) for number in range(len(unique)))
    pending, seen, most = [_closed(unique, start)], set[frozenset[tuple[int, int]]](), 0
    while pending and most <= MAXIMUM_COMPLEXITY:
        states = pending.pop()
        if states in seen:
            continue
        seen.add(states)
        most = max(most, sum(1 for _, matched in states if matched))
        pending += [_closed(unique, _advanced(unique, states, character)) for character in alphabet]
    return most


State = tuple[int, int]


def _closed(wildcards: tuple[Wildcard, ...], states: frozenset[State]) -> frozenset[State]:
    """Add the states that a `*` reaches without a character."""
    empty = {(number, at + 1) for number, at in states if wildcards[number][at : at + 1] == (_ANY,)}
    return states | empty


def _advanced(wildcards: tuple[Wildcard, ...], states: frozenset[State], character: str) -> frozenset[State]:
    """Return the states after one more character."""
    stays = {(number, at) for number, at in states if at and wildcards[number][at - 1] is _ANY}
    moves = {(number, at + 1) for number, at in states if wildcards[number][at : at + 1] == (character,)}
    return frozenset(stays | moves)
