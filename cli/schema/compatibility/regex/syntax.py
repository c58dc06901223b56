"""The syntax tree of a pattern."""

from dataclasses import dataclass
from typing import TypeAlias

from cli.schema.compatibility.regex.charset import EVERY, Charset, single


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a set."""

    chars: Charset


@dataclass(frozen=True, slots=True)
class Concatenation:
    """One part after the other; the empty word if there are none."""

    parts: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Alternation:
    """One of the branches."""

    branches: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Repetition:
    """The part from `least` to `most` times; without `most`, any number of times."""

    part: "Expression"
    least: int
    most: int | None


Expression: TypeAlias = Chars | Concatenation | Alternation | Repetition

ANYTHING = Repetition(Chars(EVERY), 0, None)
EMPTY = Concatenation(())
OPTIONAL_NEWLINE = Repetition(Chars(single("\n")), 0, 1)


def literal(word: str) -> Expression:
    """Return the expression that matches that word alone."""
    return Concatenation(tuple(Chars(single(character)) for character in word))
