"""Search for a shortest word that some languages contain and others do not."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from cli.schema.compatibility.regex.automaton import Automaton, automaton
from cli.schema.compatibility.regex.charset import EVERY, LAST, Charset
from cli.schema.compatibility.regex.syntax import Expression
from cli.schema.compatibility.verdict import UndecidableError

MAXIMUM_SEARCHED = 6_000
_PREFERRED = "aA0-_ "

_Sets: TypeAlias = tuple[frozenset[int], ...]
_State: TypeAlias = tuple[_Sets, int]


def find_word(
    inside: Sequence[Expression],
    outside: Sequence[Expression] = (),
    *,
    least: int = 0,
    most: int | None = None,
) -> str | None:
    """Return a shortest word of `least` to `most` characters in every first language and no second one.

    None proves that there is no such word.

    Raises:
        UndecidableError: the search is too large.
    """
    machines = [automaton(each) for each in (*inside, *outside)]
    search = _Search(machines, len(inside), least, most)
    return search.run()


class _Search:
    def __init__(self, machines: Sequence[Automaton], inside: int, least: int, most: int | None) -> None:
        self.machines, self.inside, self.least, self.most = machines, inside, least, most
        self.cap = max(least, 0 if most is None else most)
        self.alphabet = _alphabet([chars for each in machines for row in each.moves for chars, _ in row])

    def run(self) -> str | None:
        first = tuple(machine.closure(frozenset({0})) for machine in self.machines)
        came: dict[_State, tuple[_State, str] | None] = {(first, 0): None}
        layer = [(first, 0)]
        length = 0
        while layer and (self.most is None or length <= self.most):
            for state in layer:
                if length >= self.least and self._accepted(state[0]):
                    return _word(came, state)
            length += 1
            layer = list(self._next_layer(layer, came, min(length, self.cap)))
        return None

    def _next_layer(
        self, layer: list[_State], came: dict[_State, tuple[_State, str] | None], length: int
    ) -> Iterator[_State]:
        for state in layer:
            for character in self.alphabet:
                after = (self._after(state[0], ord(character)), length)
                if after in came or not all(after[0][: self.inside]):
                    continue
                if len(came) >= MAXIMUM_SEARCHED:
                    raise UndecidableError("the patterns are too large to compare")
                came[after] = (state, character)
                yield after

    def _after(self, sets: _Sets, code: int) -> _Sets:
        return tuple(
            machine.closure(
                frozenset(
                    target for state in states for chars, target in machine.moves[state] if _in(code, chars)
                )
            )
            for machine, states in zip(self.machines, sets, strict=True)
        )

    def _accepted(self, sets: _Sets) -> bool:
        accepted = [machine.final in states for machine, states in zip(self.machines, sets, strict=True)]
        return all(accepted[: self.inside]) and not any(accepted[self.inside :])


def _word(came: dict[_State, tuple[_State, str] | None], state: _State) -> str:
    characters = []
    while (step := came[state]) is not None:
        state, character = step
        characters.append(character)
    return "".join(reversed(characters))


def _alphabet(charsets: Sequence[Charset]) -> list[str]:
    """Return one character for each way of belonging to the sets."""
    distinct = list(dict.fromkeys((*charsets, EVERY)))
    edges = {edge for chars in distinct for low, high in chars for edge in (low, high + 1)}
    starts = sorted(edges | {0})[:-1]
    found: dict[tuple[bool, ...], str] = {}
    for code in (*map(ord, _PREFERRED), *range(0x21, 0x7F), *starts):
        membership = tuple(_in(code, chars) for chars in distinct)
        if membership[distinct.index(EVERY)]:
            found.setdefault(membership, chr(code))
    return list(found.values())


def _in(code: int, chars: Charset) -> bool:
    place = bisect_right(chars, (code, LAST)) - 1
    return place >= 0 and chars[place][0] <= code <= chars[place][1]
