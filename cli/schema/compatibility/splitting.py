"""Split a shape into pieces that alternatives of a reader may accept one by one."""

from collections.abc import Iterator
from dataclasses import replace

from cli.schema.compatibility.names import children_of, name_classes, required_names
from cli.schema.compatibility.shape import FINITE, Shape, shapes_of
from cli.schema.compatibility.verdict import Instance

MAXIMUM_PIECES = 16


def pieces_of(shape: Shape) -> list[Shape]:
    """Return shapes that together are the shape: by the values of a property, or by its presence."""
    if shape.kind != "object":
        return [shape]
    for name, values in _choices(shape):
        return [_with(shape, {"properties": {name: {"enum": [value]}}}) for value in values]
    return [shape]


def _choices(shape: Shape) -> Iterator[tuple[str, list[Instance]]]:
    """Yield the required properties with few values."""
    needed = required_names(shape)
    for name in name_classes(shape.atoms):
        if name.name is None or name.name not in needed:
            continue
        inner = shapes_of(children_of(shape, name))
        values = [value for each in inner for value in each.values]
        if all(each.kind == FINITE for each in inner) and 1 < len(values) <= MAXIMUM_PIECES:
            yield name.name, values


def _with(shape: Shape, node: dict[str, object]) -> Shape:
    return replace(shape, atoms=(*shape.atoms, shape.atoms[0].at(node)))
