"""Instances of a conjunction of schemas, as few and as small as may show a difference."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice

from cli.schema.compatibility.names import NameClass, children_of, name_classes, required_names
from cli.schema.compatibility.numbers import numbers
from cli.schema.compatibility.positions import items_at, shortest
from cli.schema.compatibility.shape import FINITE, Shape, shapes_of
from cli.schema.compatibility.strings import words
from cli.schema.compatibility.subschema import Subschema
from cli.schema.compatibility.verdict import Instance, UndecidableError

MAXIMUM_SAMPLES = 12
OF_ONE_SHAPE = 4
MAXIMUM_DEPTH = 6
MAXIMUM_ITEMS = 300
DISTINCT: Sequence[Instance] = (0, 1, "a", "b", None, True)


def samples(conjunction: Sequence[Subschema], depth: int = 0) -> list[Instance]:
    """Return some instances that every schema of the conjunction accepts; none if none is found."""
    try:
        return list(_samples(tuple(dict.fromkeys(conjunction)), depth))
    except UndecidableError:
        return []


@lru_cache(maxsize=4096)
def _samples(conjunction: tuple[Subschema, ...], depth: int) -> tuple[Instance, ...]:
    if depth > MAXIMUM_DEPTH:
        return ()
    shapes = shapes_of(conjunction)
    found = (value for shape in shapes for value in islice(samples_of(shape, depth), OF_ONE_SHAPE))
    return tuple(islice(found, MAXIMUM_SAMPLES))


def samples_of(shape: Shape, depth: int = 0) -> list[Instance]:
    """Return some instances of a shape."""
    try:
        found = _built(shape, depth)
        return [value for value in found if _belongs(shape, value)]
    except UndecidableError:
        return []


def arrays(shape: Shape, length: int = 0, depth: int = 0) -> list[list[Instance]]:
    """Return arrays of a shape with at least that many items."""
    size = max(length, shortest(shape))
    if size > MAXIMUM_ITEMS:
        return []
    found: list[Instance] = []
    for position in range(size):
        conjunction = [part for atom in shape.atoms for part in items_at(atom, position)]
        choices = [*samples(conjunction, depth + 1), *(position, f"{position}"), *DISTINCT]
        allowed = [each for each in choices if all(part.accepts(each) for part in conjunction)]
        fresh = [each for each in allowed if each not in found]
        if not allowed:
            return []
        found.append((fresh or allowed)[0])
    return [found]


def objects(shape: Shape, depth: int = 0) -> list[dict[str, Instance]]:
    """Return an object with the required properties, and one with all that are spelled out."""
    minimal: dict[str, Instance] = {}
    full: dict[str, Instance] = {}
    needed = required_names(shape)
    for name in name_classes(shape.atoms):
        if name.name is None:
            continue
        values = samples(children_of(shape, name), depth + 1)
        is_needed = name.name in needed or len(minimal) < _fewest(shape) - len(needed)
        if not values and name.name in needed:
            return []
        if values:
            full[name.name] = values[0]
            minimal.update({name.name: values[0]} if is_needed else {})
    return [_filled(shape, each, depth) for each in ([minimal, full] if full != minimal else [minimal])]


def _filled(shape: Shape, found: dict[str, Instance], depth: int) -> dict[str, Instance]:
    """Return the object with as many other names as it lacks."""
    for number in range(min(_fewest(shape) - len(found), MAXIMUM_ITEMS)):
        other = NameClass(frozenset(), f"extra{number}")
        values = samples(children_of(shape, other), depth + 1)
        found.update({f"extra{number}": value for value in values[:1]})
    return found


def _fewest(shape: Shape) -> int:
    return max((atom.keywords.get("minProperties", 0) for atom in shape.atoms), default=0)


def _built(shape: Shape, depth: int) -> Sequence[Instance]:
    match shape.kind:
        case "integer" | "fraction":
            return numbers(shape)
        case "string":
            return words(shape)
        case "array":
            return [*arrays(shape, 0, depth), *arrays(shape, 1, depth)]
        case "object":
            return objects(shape, depth)
    return shape.values if shape.kind == FINITE else ()


def _belongs(shape: Shape, value: Instance) -> bool:
    return all(atom.accepts(value) for atom in shape.atoms) and not any(
        negative.accepts(value) for negative in shape.negatives
    )
