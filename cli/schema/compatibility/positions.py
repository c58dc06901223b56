"""The schemas of an array's positions."""

from collections.abc import Sequence

from cli.schema.compatibility.shape import Shape
from cli.schema.compatibility.subschema import NOTHING, Subschema
from cli.schema.compatibility.verdict import Instance


def items_at(schema: Subschema, position: int) -> list[Subschema]:
    """Return what one schema demands of the item at a position."""
    items = schema.keywords.get("items", {})
    if not isinstance(items, list):
        return [schema.at(items)]
    if position < len(items):
        return [schema.at(items[position])]
    return [schema.at(schema.keywords.get("additionalItems", {}))]


def tuple_size(schemas: Sequence[Subschema]) -> int:
    """Return how many positions have schemas of their own."""
    tuples = [each.keywords["items"] for each in schemas if isinstance(each.keywords.get("items"), list)]
    return max(map(len, tuples), default=0)


def shortest(shape: Shape) -> int:
    """Return the least number of items."""
    return max((atom.keywords.get("minItems", 0) for atom in shape.atoms), default=0)


def longest(atoms: Sequence[Subschema]) -> int | None:
    """Return the greatest number of items."""
    limits = [atom.keywords["maxItems"] for atom in atoms if "maxItems" in atom.keywords]
    limits += [
        len(atom.keywords["items"])
        for atom in atoms
        if isinstance(atom.keywords.get("items"), list) and atom.keywords.get("additionalItems") is False
    ]
    limits += [0 for atom in atoms if atom.keywords.get("items") in (False, NOTHING)]
    return min(limits, default=None)


def with_item(bases: Sequence[list[Instance]], position: int, item: Instance) -> list[Instance]:
    """Return the arrays with the item at the position."""
    return [[*base[:position], item, *base[position + 1 :]] for base in bases]
