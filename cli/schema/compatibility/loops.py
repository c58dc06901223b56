"""References that lead back to themselves without a property or item between: such a schema means nothing."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cli.schema.compatibility.verdict import Node

IN_PLACE = ("not", "if", "then", "else")
IN_PLACE_LISTS = ("allOf", "anyOf", "oneOf")


def looping_reference(schema: Node, part_at: Callable[[str], Node]) -> str | None:
    """Return a reference that leads back to itself, if there is one."""
    sound: set[str] = set()
    for reference in _all_references(schema):
        if _loops(reference, part_at, (), sound):
            return reference
    return None


def _loops(reference: str, part_at: Callable[[str], Node], above: tuple[str, ...], sound: set[str]) -> bool:
    if reference in above:
        return True
    if reference in sound:
        return False
    inner = _references_in_place(part_at(reference))
    if any(_loops(each, part_at, (*above, reference), sound) for each in inner):
        return True
    sound.add(reference)
    return False


def _references_in_place(node: Any) -> Iterator[str]:  # noqa: ANN401 - a schema, or what stands for one
    """Yield the references that apply to the same instance as the node."""
    if not isinstance(node, Mapping):
        return
    if isinstance(node.get("$ref"), str):
        yield node["$ref"]
    dependencies = node.get("dependencies", {})
    lists = [each for keyword in IN_PLACE_LISTS for each in node.get(keyword, ())]
    for each in (*(node.get(keyword) for keyword in IN_PLACE), *lists, *dependencies.values()):
        yield from _references_in_place(each)


def _all_references(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for below in value.values():
            yield from _all_references(below)
    elif isinstance(value, list):
        for below in value:
            yield from _all_references(below)
