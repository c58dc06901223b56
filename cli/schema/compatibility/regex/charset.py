"""Sets of characters as sorted, disjoint ranges of code points."""

import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import TypeAlias

Charset: TypeAlias = tuple[tuple[int, int], ...]

LAST = sys.maxunicode
EVERY: Charset = ((0, 0xD7FF), (0xE000, LAST))
"""Every character of a JSON text; a lone surrogate is none."""


def charset(ranges: Iterable[tuple[int, int]]) -> Charset:
    """Return the union of the ranges, without surrogates."""
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return _intersection(merged, EVERY)


def complement(chars: Charset) -> Charset:
    """Return every other character."""
    gaps, start = [], 0
    for low, high in chars:
        if start < low:
            gaps.append((start, low - 1))
        start = high + 1
    if start <= LAST:
        gaps.append((start, LAST))
    return _intersection(gaps, EVERY)


def single(character: str) -> Charset:
    """Return the set of one character."""
    return charset([(ord(character), ord(character))])


def _intersection(left: Iterable[tuple[int, int]], right: Charset) -> Charset:
    return tuple(
        (max(low, first), min(high, last))
        for low, high in left
        for first, last in right
        if max(low, first) <= min(high, last)
    )


def _where(test: Callable[[str], bool]) -> Charset:
    return charset((code, code) for code in range(LAST + 1) if test(chr(code)))


@cache
def escaped_class(sign: str) -> Charset:
    r"""Return the characters of `\d`, `\w`, `\s` or their complements, as Python's `re` reads them.

    https://docs.python.org/3/library/re.html#regular-expression-syntax
    """
    if sign.isupper():
        return complement(escaped_class(sign.lower()))
    tests: dict[str, Callable[[str], bool]] = {
        "d": str.isdecimal,
        "s": str.isspace,
        "w": lambda character: character.isalnum() or character == "_",
    }
    return _where(tests[sign])
