"""Lengths, patterns and formats of strings."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from cli.schema.compatibility.formats import SAMPLES
from cli.schema.compatibility.obligation import Unproved
from cli.schema.compatibility.regex.generation import shortest_word
from cli.schema.compatibility.regex.parser import language
from cli.schema.compatibility.regex.syntax import Expression
from cli.schema.compatibility.regex.words import find_word
from cli.schema.compatibility.shape import Shape
from cli.schema.compatibility.subschema import Subschema
from cli.schema.compatibility.verdict import UndecidableError


@dataclass(frozen=True, slots=True)
class TextLimits:
    """The strings of a shape, as far as its patterns are understood: never fewer."""

    least: int
    most: int | None
    patterns: frozenset[str]
    languages: tuple[Expression, ...]
    formats: frozenset[str]

    def word(
        self, outside: Sequence[Expression] = (), *, least: int = 0, most: int | None = None
    ) -> str | None:
        """Return a shortest string within the limits and outside the languages; None if there is none."""
        limits = [limit for limit in (self.most, most) if limit is not None]
        return find_word(
            self.languages, outside, least=max(least, self.least), most=min(limits, default=None)
        )


def text_of(shape: Shape) -> TextLimits:
    """Return what is known of a shape of strings."""
    every = [atom.keywords for atom in shape.atoms]
    patterns = frozenset(each["pattern"] for each in every if "pattern" in each)
    return TextLimits(
        least=max((each.get("minLength", 0) for each in every), default=0),
        most=min((each["maxLength"] for each in every if "maxLength" in each), default=None),
        patterns=patterns,
        languages=tuple(
            found for each in sorted(patterns) if (found := _understood(each, loose=True)) is not None
        ),
        formats=frozenset(each["format"] for each in every if "format" in each),
    )


def string_rules(shape: Shape, reader: Subschema) -> Iterator[Unproved]:
    """Yield a failure for each keyword of the reader that is not proved."""
    keywords, text = reader.keywords, text_of(shape)
    if "minLength" in keywords and text.least < keywords["minLength"]:
        reason = f"a string may be shorter than {keywords['minLength']}"
        yield from _searched(reason, text, most=keywords["minLength"] - 1)
    if "maxLength" in keywords and not (text.most is not None and text.most <= keywords["maxLength"]):
        reason = f"a string may be longer than {keywords['maxLength']}"
        yield from _searched(reason, text, least=keywords["maxLength"] + 1)
    if "pattern" in keywords and keywords["pattern"] not in text.patterns:
        yield from _pattern_rule(shape, keywords["pattern"], text)
    if "format" in keywords and keywords["format"] not in text.formats:
        yield Unproved(f"a string may be no {keywords['format']}", partial(words, shape))


def words(shape: Shape) -> list[str]:
    """Return some strings of the shape."""
    text, found = text_of(shape), dict[str, None]()
    for least in (0, text.least + 1, 5):
        with suppress(UndecidableError):
            found[text.word(least=least) or ""] = None
    found.update(dict.fromkeys(shortest_word(each) or "" for each in text.languages))
    found.update(dict.fromkeys(SAMPLES[each] for each in sorted(text.formats & SAMPLES.keys())))
    return [word for word in found if all(atom.accepts(word) for atom in shape.atoms)]


def _pattern_rule(shape: Shape, pattern: str, text: TextLimits) -> Iterator[Unproved]:
    reason = f"a string may not match {pattern}"
    expression = _understood(pattern)
    if expression is None:
        yield Unproved(f"{reason}, which is not understood", partial(_words_outside, pattern, shape))
    else:
        yield from _searched(reason, text, [expression])


def _words_outside(pattern: str, shape: Shape) -> list[str]:
    """Return a string that a looser pattern rejects already, and others to try."""
    looser, found = _understood(pattern, loose=True), words(shape)
    with suppress(UndecidableError):
        word = None if looser is None else text_of(shape).word([looser])
        found += [] if word is None else [word]
    return found


def _searched(
    reason: str,
    text: TextLimits,
    outside: Sequence[Expression] = (),
    *,
    least: int = 0,
    most: int | None = None,
) -> Iterator[Unproved]:
    """Yield the failure with the string that shows it, unless there is none."""
    try:
        word = text.word(outside, least=least, most=most)
    except UndecidableError as error:
        yield Unproved(f"{reason}: {error}")
        return
    if word is not None:
        yield Unproved(reason, partial(list, [word]))


def _understood(pattern: str, *, loose: bool = False) -> Expression | None:
    try:
        return language(pattern, loose=loose)
    except UndecidableError:
        return None
