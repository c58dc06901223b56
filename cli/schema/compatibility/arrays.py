"""Lengths, positions and uniqueness of arrays."""

from collections.abc import Iterator
from functools import partial

from cli.schema.compatibility.obligation import Obligation, Unproved
from cli.schema.compatibility.positions import items_at, longest, shortest, tuple_size, with_item
from cli.schema.compatibility.sampling import arrays, samples
from cli.schema.compatibility.shape import Shape
from cli.schema.compatibility.subschema import Subschema
from cli.schema.compatibility.verdict import Instance


def array_rules(shape: Shape, reader: Subschema) -> Iterator[Unproved | Obligation]:
    """Yield what is left to prove of the reader's keywords about arrays."""
    keywords, least, most = reader.keywords, shortest(shape), longest(shape.atoms)
    if "minItems" in keywords and least < keywords["minItems"]:
        yield Unproved(f"an array may have fewer than {keywords['minItems']} items", partial(arrays, shape))
    if "maxItems" in keywords and not (most is not None and most <= keywords["maxItems"]):
        longer = partial(arrays, shape, keywords["maxItems"] + 1)
        yield Unproved(f"an array may have more than {keywords['maxItems']} items", longer)
    if keywords.get("uniqueItems") and not _is_unique(shape, most):
        yield Unproved("an array may have equal items", partial(_repetitions, shape))
    if "contains" in keywords and _contains(reader) not in map(_contains, shape.atoms):
        yield Unproved("an array may not contain what the reader expects", partial(arrays, shape))
    if "items" in keywords:
        yield from _positions(shape, reader, most)


def _positions(shape: Shape, reader: Subschema, most: int | None) -> Iterator[Obligation]:
    """Yield each position of a tuple, and one for all later positions."""
    for position in range(tuple_size((*shape.atoms, reader)) + 1):
        if most is not None and position >= most:
            return
        written = tuple(part for atom in shape.atoms for part in items_at(atom, position))
        for part in items_at(reader, position):
            yield Obligation(position, written, part, partial(_embedded, shape, position))


def _contains(schema: Subschema) -> str | None:
    found = schema.keywords.get("contains")
    return None if found is None else schema.at({"contains": found}).text


def _embedded(shape: Shape, position: int, item: Instance) -> list[Instance]:
    return with_item(arrays(shape, position + 1) or [[None] * (position + 1)], position, item)


def _is_unique(shape: Shape, most: int | None) -> bool:
    is_asked = any(atom.keywords.get("uniqueItems") for atom in shape.atoms)
    return is_asked or (most is not None and most <= 1)


def _repetitions(shape: Shape) -> list[Instance]:
    both = [part for atom in shape.atoms for position in (0, 1) for part in items_at(atom, position)]
    pairs = [[value, value] for value in samples(both)]
    return [*pairs, *([*pair, *base[2:]] for pair in pairs for base in arrays(shape, 2))]
