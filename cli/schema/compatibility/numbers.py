"""Ranges and lattices of numbers."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil, floor, gcd, lcm
from typing import Any

from cli.schema.compatibility.obligation import Unproved
from cli.schema.compatibility.shape import Shape
from cli.schema.compatibility.subschema import Subschema

MAXIMUM_CANDIDATES = 32
FURTHEST = 10**300
"""Farther from zero than any candidate: a float ends at about 1.8e308."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range; an open one does not belong to it."""

    at: Fraction
    is_open: bool


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers between two bounds that are multiples of `step`; every number without one."""

    lower: Bound | None
    upper: Bound | None
    step: Fraction | None

    def is_empty(self) -> bool:
        """Return whether no number lies between the bounds."""
        if self.lower is None or self.upper is None:
            return False
        is_point = self.lower.at == self.upper.at
        return self.lower.at > self.upper.at or (is_point and (self.lower.is_open or self.upper.is_open))


def range_of(shape: Shape) -> Range:
    """Return the range of a shape of numbers, with its bounds moved to multiples of the step."""
    asserted = [bounds(atom) for atom in shape.atoms]
    step = _step(shape)
    lower = _tightest_lower(low for low, _ in asserted)
    upper = _tightest_upper(high for _, high in asserted)
    if step is None:
        return Range(lower, upper, step)
    return Range(lower and _raised(lower, step), upper and _lowered(upper, step), step)


def bounds(schema: Subschema) -> tuple[Bound | None, Bound | None]:
    """Return the bounds of one schema, in either form of `exclusiveMinimum`."""
    keywords = schema.keywords
    lows = [*_bounds(keywords, "minimum", "exclusiveMinimum")]
    highs = [*_bounds(keywords, "maximum", "exclusiveMaximum")]
    return _tightest_lower(lows), _tightest_upper(highs)


def number_rules(shape: Shape, reader: Subschema) -> Iterator[Unproved]:
    """Yield a failure for each bound or multiple of the reader that is not proved."""
    keywords, own = reader.keywords, range_of(shape)
    low, high = bounds(reader)
    near = partial(numbers, shape, reader)
    if low and not (own.lower and (own.lower.at, own.lower.is_open) >= (low.at, low.is_open)):
        yield Unproved(f"a number may be smaller than {_shown(low.at)}", near)
    if high and not (own.upper and (-own.upper.at, own.upper.is_open) >= (-high.at, high.is_open)):
        yield Unproved(f"a number may be greater than {_shown(high.at)}", near)
    if "multipleOf" in keywords:
        multiple = exact(keywords["multipleOf"])
        if own.step is None or (own.step / multiple).denominator != 1:
            yield Unproved(f"a number may be no multiple of {keywords['multipleOf']}", near)


def numbers(shape: Shape, reader: Subschema | None = None) -> list[int | float]:
    """Return numbers of the shape, those first that are near the bounds of either side."""
    own = range_of(shape)
    near = [bound.at for bound in (own.lower, own.upper, *(bounds(reader) if reader else ())) if bound]
    step = own.step or Fraction(1)
    offsets = [Fraction(0), -step, step, Fraction(-1), Fraction(1), Fraction(1, 2), Fraction(-1, 2)]
    points = [point + offset for point in (*near, Fraction(0)) for offset in (*offsets, Fraction(1, 1024))]
    points = [point for point in points if abs(point) < FURTHEST]
    found: dict[str, int | float] = {}
    for point in points:
        on_step = floor(point / step) * step if own.step else point
        for value in (on_step, on_step + step):
            number = int(value) if shape.kind == "integer" else float(value)
            if all(atom.accepts(number) for atom in shape.atoms):
                found.setdefault(repr(number), number)
    return list(found.values())[:MAXIMUM_CANDIDATES]


def few_integers(shape: Shape) -> list[int] | None:
    """Return every integer of the shape; None if it has others or too many."""
    own = range_of(shape)
    if shape.kind != "integer" or own.lower is None or own.upper is None or own.step is None:
        return None
    first, last, step = int(own.lower.at), int(own.upper.at), int(own.step)
    if (last - first) // step >= MAXIMUM_CANDIDATES:
        return None
    return [each for each in range(first, last + 1, step) if all(atom.accepts(each) for atom in shape.atoms)]


def exact(number: float) -> Fraction:
    """Return the number as it is written, not as the nearest binary fraction."""
    return Fraction(str(number))


def _tightest_lower(found: Iterable[Bound | None]) -> Bound | None:
    return max(filter(None, found), key=lambda bound: (bound.at, bound.is_open), default=None)


def _tightest_upper(found: Iterable[Bound | None]) -> Bound | None:
    return min(filter(None, found), key=lambda bound: (bound.at, not bound.is_open), default=None)


def _bounds(keywords: Mapping[str, Any], plain: str, exclusive: str) -> Iterator[Bound]:
    if plain in keywords:
        yield Bound(exact(keywords[plain]), keywords.get(exclusive) is True)
    if exclusive in keywords and not isinstance(keywords[exclusive], bool):
        yield Bound(exact(keywords[exclusive]), is_open=True)


def _step(shape: Shape) -> Fraction | None:
    multiples = [exact(atom.keywords["multipleOf"]) for atom in shape.atoms if "multipleOf" in atom.keywords]
    if shape.kind == "integer":
        multiples.append(Fraction(1))
    if not multiples:
        return None
    numerator = lcm(*(each.numerator for each in multiples))
    return Fraction(numerator, gcd(*(each.denominator for each in multiples)))


def _raised(bound: Bound, step: Fraction) -> Bound:
    at = ceil(bound.at / step) * step
    return Bound(at + step if bound.is_open and at == bound.at else at, is_open=False)


def _lowered(bound: Bound, step: Fraction) -> Bound:
    at = floor(bound.at / step) * step
    return Bound(at - step if bound.is_open and at == bound.at else at, is_open=False)


def _shown(number: Fraction) -> str:
    return str(number if number.denominator == 1 else float(number))
