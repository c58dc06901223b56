"""The proof that a reader accepts every instance of a writer.

Sound by construction: a rule ignores no keyword of the reader, and what it ignores of the writer only makes
the writer larger. So no failure means a proof, and a failure alone means nothing: its candidates are tried.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import permutations

from cli.schema.compatibility.arrays import array_rules
from cli.schema.compatibility.emptiness import parts_needed, shape_is_empty
from cli.schema.compatibility.numbers import few_integers, number_rules
from cli.schema.compatibility.objects import object_rules
from cli.schema.compatibility.obligation import Obligation, Unproved
from cli.schema.compatibility.sampling import samples, samples_of
from cli.schema.compatibility.shape import FINITE, Shape, kind_of, kinds_allowed, shapes_of
from cli.schema.compatibility.splitting import pieces_of
from cli.schema.compatibility.strings import string_rules
from cli.schema.compatibility.subschema import NOTHING, Subschema
from cli.schema.compatibility.verdict import Instance, UndecidableError

MAXIMUM_STEPS = 3_000
MAXIMUM_DEPTH = 25
MAXIMUM_EMPTYING = 4
"""Emptiness is proved so deep; a deeper part counts as not empty."""
MAXIMUM_NESTING = 40
MAXIMUM_MERGED = 6


class Inclusion:
    """One proof; `reserved` as in `object_rules`."""

    def __init__(self, *, reserved: bool) -> None:
        self.reserved = reserved
        self.steps = 0
        self.depth = 0
        self.emptying = 0
        self.active: dict[tuple[frozenset[Subschema], Subschema], int] = {}

    def failures(self, conjunction: Sequence[Subschema], reader: Subschema) -> list[Unproved]:
        """Return what cannot be proved; a pair that is being proved further out holds by induction."""
        self._count()
        if not reader.keywords or reader in conjunction:
            return []
        key = (frozenset(conjunction), reader)
        if key in self.active:
            if self.active[key] == self.depth:
                raise UndecidableError("a schema refers to itself without a property or item between")
            return []
        self.active[key] = self.depth
        try:
            shapes = [shape for shape in shapes_of(conjunction) if not self.is_empty(shape)]
            return [failure for shape in shapes for failure in self._unlisted(shape, reader)]
        finally:
            del self.active[key]

    def _unlisted(self, shape: Shape, reader: Subschema) -> list[Unproved]:
        """Return what is left of a shape after its values are tried, if it has few."""
        left = list(self._of_shape(shape, reader, 0))
        values = few_integers(shape) if left else None
        return [] if values is not None and all(map(reader.accepts, values)) else left

    def is_empty(self, shape: Shape) -> bool:
        """Return whether it is proved that a shape has no instance."""
        if shape_is_empty(shape):
            return True
        if self.emptying > MAXIMUM_EMPTYING:
            return False
        self.emptying += 1
        try:
            if any(map(self._has_none, parts_needed(shape))):
                return True
            plain = replace(shape, negatives=())
            return any(self._holds(plain, negative) for negative in shape.negatives)
        except UndecidableError:
            return False
        finally:
            self.emptying -= 1

    def _has_none(self, conjunction: Sequence[Subschema]) -> bool:
        """Return whether it is proved that a part has no instance; a part is smaller than the whole."""
        self._count()
        self.depth += 1
        try:
            return all(map(self.is_empty, shapes_of(conjunction)))
        finally:
            self.depth -= 1

    def _holds(self, shape: Shape, reader: Subschema) -> bool:
        try:
            return next(self._of_shape(shape, reader, 0), None) is None
        except UndecidableError:
            return False

    def _tried(self, shape: Shape, reader: Subschema, nesting: int) -> list[Unproved]:
        try:
            return list(self._of_shape(shape, reader, nesting))
        except UndecidableError as error:
            return [Unproved(str(error))]

    def _of_shape(self, shape: Shape, reader: Subschema, nesting: int) -> Iterator[Unproved]:
        self._count()
        if nesting > MAXIMUM_NESTING:
            raise UndecidableError("the reader's schema combines too many others, or itself")
        if shape.kind == FINITE:
            rejected = [value for value in shape.values if not reader.accepts(value)]
            if rejected:
                yield Unproved("a value is not accepted", partial(list, rejected))
            return
        keywords = reader.keywords
        if not keywords or reader in shape.atoms:
            return
        yield from self._combinators(shape, reader, nesting + 1)
        if shape.kind not in kinds_allowed(reader):
            yield Unproved(f"{_some(shape.kind)} is not allowed", partial(samples_of, shape))
        elif "enum" in keywords or "const" in keywords:
            yield Unproved("not every value is listed", partial(samples_of, shape))
        else:
            yield from self._rules(shape, reader)

    def _rules(self, shape: Shape, reader: Subschema) -> Iterator[Unproved]:
        for rule in _rules_of(shape, reader, reserved=self.reserved):
            if isinstance(rule, Unproved):
                yield rule
                continue
            yield from map(rule.around, self._inside(rule))

    def _inside(self, obligation: Obligation) -> list[Unproved]:
        self.depth += 1
        try:
            return self.failures(obligation.conjunction, obligation.reader)
        except UndecidableError as error:
            return [Unproved(str(error), partial(samples, obligation.conjunction))]
        finally:
            self.depth -= 1

    def _combinators(self, shape: Shape, reader: Subschema, nesting: int) -> Iterator[Unproved]:
        keywords = reader.keywords
        for node in keywords.get("allOf", ()):
            yield from self._of_shape(shape, reader.at(node), nesting)
        for branches in _alternatives(reader):
            yield from self._any_of(shape, branches, nesting)
        if "oneOf" in keywords:
            yield from self._one_of(shape, list(map(reader.at, keywords["oneOf"])), nesting)
        if "not" in keywords and not self._are_disjoint(shape, reader.at(keywords["not"])):
            both = partial(samples, (*shape.atoms, reader.at(keywords["not"])))
            yield Unproved("the reader excludes it", partial(_candidates, (both,), (), shape))

    def _any_of(self, shape: Shape, branches: list[Subschema], nesting: int) -> Iterator[Unproved]:
        found: list[Unproved] = []
        for branch in branches:
            failures = self._tried(shape, branch, nesting)
            if not failures:
                return
            found += failures
        pieces = [piece for piece in pieces_of(shape) if not self.is_empty(piece)]
        if nesting < MAXIMUM_NESTING and len(pieces) != 1:
            for piece in pieces:
                yield from self._any_of(piece, branches, nesting + 10)
            return
        yield Unproved(
            "no alternative of the reader is sure to accept it", partial(_candidates, (), found, shape)
        )

    def _one_of(self, shape: Shape, branches: list[Subschema], nesting: int) -> Iterator[Unproved]:
        found: list[Unproved] = []
        overlaps: list[Callable[[], Iterable[Instance]]] = []
        for at, branch in enumerate(branches):
            others = [*branches[:at], *branches[at + 1 :]]
            failures = self._tried(shape, branch, nesting)
            if not failures and all(self._are_disjoint(shape, other) for other in others):
                return
            found += failures
            overlaps += [partial(samples, (*shape.atoms, branch, other)) for other in others]
        pieces = [piece for piece in pieces_of(shape) if not self.is_empty(piece)]
        if nesting < MAXIMUM_NESTING and len(pieces) != 1:
            for piece in pieces:
                yield from self._one_of(piece, branches, nesting + 10)
            return
        candidates = partial(_candidates, overlaps, found, shape)
        yield Unproved("not exactly one alternative is sure to accept it", candidates)

    def _are_disjoint(self, shape: Shape, other: Subschema) -> bool:
        """Return whether it is proved that no instance of the shape belongs to the other schema."""
        try:
            if any(not self.failures((other,), negative) for negative in shape.negatives):
                return True
            both = [each for each in shapes_of((*shape.atoms, other)) if each.kind in {shape.kind, FINITE}]
            return all(self.is_empty(_of_kind(each, shape)) for each in both)
        except UndecidableError:
            return False

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MAXIMUM_STEPS or self.depth > MAXIMUM_DEPTH:
            raise UndecidableError("the schemas are too large to compare")


def _rules_of(shape: Shape, reader: Subschema, *, reserved: bool) -> Iterator[Unproved | Obligation]:
    match shape.kind:
        case "integer" | "fraction":
            return iter(number_rules(shape, reader))
        case "string":
            return iter(string_rules(shape, reader))
        case "array":
            return array_rules(shape, reader)
    return object_rules(shape, reader, reserved=reserved)


def _alternatives(reader: Subschema) -> Iterator[list[Subschema]]:
    """Yield the branches of `anyOf`, of each dependency, and of `if`."""
    keywords = reader.keywords
    if "anyOf" in keywords:
        yield list(map(reader.at, keywords["anyOf"]))
    for name, needed in keywords.get("dependencies", {}).items():
        then = {"required": needed} if isinstance(needed, list) else needed
        yield [reader.at({"properties": {name: NOTHING}}), reader.at(then)]
    if "if" in keywords:
        yield [reader.at({"not": keywords["if"]}), reader.at(keywords.get("then", {}))]
        yield [reader.at(keywords["if"]), reader.at(keywords.get("else", {}))]


def _of_kind(shape: Shape, like: Shape) -> Shape:
    """Return a finite shape with the values of the other's kind only."""
    if shape.kind != FINITE:
        return shape
    draft = like.atoms[0].document.draft
    return replace(shape, values=tuple(each for each in shape.values if kind_of(each, draft) == like.kind))


def _candidates(
    builders: Sequence[Callable[[], Iterable[Instance]]], failures: Sequence[Unproved], shape: Shape
) -> Iterator[Instance]:
    """Yield what the builders, the failures and the shape suggest, then objects with two faults at once."""
    tried: list[dict[str, Instance]] = []
    last: Callable[[], Iterable[Instance]] = partial(samples_of, shape)
    for build in (*builders, *(failure.candidates for failure in failures), last):
        for instance in build():
            yield instance
            if isinstance(instance, dict) and len(tried) < MAXIMUM_MERGED:
                tried.append(instance)
    yield from ({**one, **other} for one, other in permutations(tried, 2))


def _some(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aio" else f"a {kind}"
