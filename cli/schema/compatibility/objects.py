"""Required properties, names and values of objects."""

from collections.abc import Iterator
from functools import partial

from cli.schema.compatibility.names import (
    UNNAMED,
    NameClass,
    children_of,
    declares_names,
    name_classes,
    required_names,
)
from cli.schema.compatibility.obligation import Obligation, Unproved
from cli.schema.compatibility.sampling import objects
from cli.schema.compatibility.shape import Shape
from cli.schema.compatibility.subschema import NOTHING, Subschema
from cli.schema.compatibility.verdict import Instance

ABOUT_VALUES = ("properties", "patternProperties", "additionalProperties")


def object_rules(shape: Shape, reader: Subschema, *, reserved: bool) -> Iterator[Unproved | Obligation]:
    """Yield what is left to prove of the reader's keywords about objects.

    With `reserved`, the writer uses no name that its schema does not declare.
    """
    keywords = reader.keywords
    for name in keywords.get("required", ()):
        if name not in required_names(shape):
            yield Unproved(f"{name} may be absent", partial(_all_without, shape, name), (name,))
    yield from _counts(shape, reader, reserved=reserved)
    if not keywords.keys().isdisjoint(ABOUT_VALUES):
        for name in _written_names(shape, reader, reserved=reserved):
            for part in name.children(reader):
                step = UNNAMED if name.name is None else name.name
                yield Obligation(step, children_of(shape, name), part, partial(_embedded, shape, name.name))
    if "propertyNames" in keywords:
        yield from _name_rules(shape, reader, reserved=reserved)


def _counts(shape: Shape, reader: Subschema, *, reserved: bool) -> Iterator[Unproved]:
    keywords, every = reader.keywords, [atom.keywords for atom in shape.atoms]
    least = max((each.get("minProperties", 0) for each in every), default=0)
    if max(least, len(required_names(shape))) < keywords.get("minProperties", 0):
        yield Unproved(
            f"an object may have fewer than {keywords['minProperties']} properties", partial(objects, shape)
        )
    limits = [each["maxProperties"] for each in every if "maxProperties" in each]
    names = list(_written_names(shape, None, reserved=reserved))
    if all(_is_spelled(shape, name) for name in names):
        limits.append(len(names))
    if "maxProperties" in keywords and not (limits and min(limits) <= keywords["maxProperties"]):
        more = partial(_filled, shape, keywords["maxProperties"] + 1)
        yield Unproved(f"an object may have more than {keywords['maxProperties']} properties", more)


def _filled(shape: Shape, size: int) -> list[Instance]:
    found = objects(shape)
    extra = {f"extra{number}": number for number in range(min(size, 50))}
    return [*found, *({**extra, **each} for each in found)]


def _name_rules(shape: Shape, reader: Subschema, *, reserved: bool) -> Iterator[Unproved | Obligation]:
    allowed = reader.at(reader.keywords["propertyNames"])
    names = list(_written_names(shape, None, reserved=reserved))
    for name in names:
        if name.name is not None and _is_spelled(shape, name) and not allowed.accepts(name.name):
            yield Unproved(f"the name {name.name} is not allowed", partial(objects, shape))
    if not all(_is_spelled(shape, name) for name in names):
        limited = [atom for atom in shape.atoms if "propertyNames" in atom.keywords]
        own = [atom.at(atom.keywords["propertyNames"]) for atom in limited]
        conjunction = (*own, reader.at({"type": "string"}))
        yield Obligation(UNNAMED, conjunction, allowed, partial(_named, shape))


def _written_names(shape: Shape, reader: Subschema | None, *, reserved: bool) -> Iterator[NameClass]:
    """Yield the names that an object of the shape may have."""
    is_reserved = reserved and declares_names(shape)
    for name in name_classes((*shape.atoms, *([reader] if reader else []))):
        if is_reserved and not any(name.is_declared_by(atom) for atom in shape.atoms):
            continue
        if not any(child.node in (False, NOTHING) for child in children_of(shape, name)):
            yield name


def _is_spelled(shape: Shape, name: NameClass) -> bool:
    return any(name.name in atom.keywords.get("properties", {}) for atom in shape.atoms) or (
        name.name in required_names(shape)
    )


def _embedded(shape: Shape, name: str | None, value: Instance) -> list[Instance]:
    if name is None:
        return []
    return [*({**each, name: value} for each in objects(shape)), {name: value}]


def _named(shape: Shape, name: Instance) -> list[Instance]:
    values: list[Instance] = [0, "a", None, {}, []]
    return [{**each, name: value} for each in objects(shape) for value in values]


def _all_without(shape: Shape, name: str) -> list[Instance]:
    return [{key: value for key, value in each.items() if key != name} for each in objects(shape)]
