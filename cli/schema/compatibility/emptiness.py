"""Shapes without instances."""

from collections.abc import Iterator

from cli.schema.compatibility.names import children_of, name_classes, required_names
from cli.schema.compatibility.numbers import range_of
from cli.schema.compatibility.positions import items_at, longest, shortest
from cli.schema.compatibility.shape import FINITE, Shape
from cli.schema.compatibility.strings import text_of
from cli.schema.compatibility.subschema import Subschema
from cli.schema.compatibility.verdict import UndecidableError

MAXIMUM_POSITIONS = 8


def shape_is_empty(shape: Shape) -> bool:
    """Return whether a shape's own keywords leave nothing; False if that is unknown."""
    match shape.kind:
        case "integer" | "fraction":
            return _has_no_number(shape)
        case "string":
            try:
                return text_of(shape).word() is None
            except UndecidableError:
                return False
        case "array":
            most = longest(shape.atoms)
            return most is not None and most < shortest(shape)
        case "object":
            return _has_no_object(shape)
    return shape.kind == FINITE and not shape.values


def parts_needed(shape: Shape) -> Iterator[tuple[Subschema, ...]]:
    """Yield what every instance of a shape has inside: without one of these there is no instance."""
    if shape.kind == "array":
        for position in range(min(shortest(shape), MAXIMUM_POSITIONS)):
            yield tuple(part for atom in shape.atoms for part in items_at(atom, position))
    if shape.kind == "object":
        needed = set(required_names(shape))
        yield from (children_of(shape, name) for name in name_classes(shape.atoms) if name.name in needed)


def _has_no_number(shape: Shape) -> bool:
    found = range_of(shape)
    if found.is_empty():
        return True
    if shape.kind == "integer" or shape.atoms[0].document.draft.integers_are_spelled:
        return False
    return found.step is not None and found.step.denominator == 1


def _has_no_object(shape: Shape) -> bool:
    every = [atom.keywords for atom in shape.atoms]
    least = max((each.get("minProperties", 0) for each in every), default=0)
    most = min((each["maxProperties"] for each in every if "maxProperties" in each), default=None)
    return most is not None and most < max(least, len(required_names(shape)))
