"""The schemas of an object's properties, by classes of names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

from cli.schema.compatibility.regex.parser import language
from cli.schema.compatibility.regex.syntax import literal
from cli.schema.compatibility.regex.words import find_word
from cli.schema.compatibility.shape import Shape
from cli.schema.compatibility.subschema import NOTHING, Subschema
from cli.schema.compatibility.verdict import UndecidableError

MAXIMUM_PATTERNS = 4
UNNAMED = "*"


@dataclass(frozen=True, slots=True)
class NameClass:
    """Names that match the same patterns: one that some schema spells out, or all others."""

    matched: frozenset[str]
    name: str | None
    """A name of the class, if one is known."""

    def children(self, schema: Subschema) -> list[Subschema]:
        """Return what one schema demands of a property with such a name."""
        keywords = schema.keywords
        found = [keywords["properties"][self.name]] if self.name in keywords.get("properties", {}) else []
        patterns = keywords.get("patternProperties", {})
        found += [node for pattern, node in patterns.items() if pattern in self.matched]
        if not found:
            extra = keywords.get("additionalProperties", {})
            found = [NOTHING if extra is False else extra]
        return [schema.at(node) for node in found]

    def is_declared_by(self, schema: Subschema) -> bool:
        """Return whether the schema speaks of such a name."""
        keywords = schema.keywords
        is_named = self.name in keywords.get("properties", {}) or self.name in keywords.get("required", ())
        matches = not self.matched.isdisjoint(keywords.get("patternProperties", {}))
        return is_named or matches or "additionalProperties" in keywords


def name_classes(schemas: Sequence[Subschema]) -> Iterator[NameClass]:
    """Yield every name that the schemas spell out, then classes of all other names."""
    spelled = spelled_names(schemas)
    patterned = [schema.keywords.get("patternProperties", ()) for schema in schemas]
    patterns = list(dict.fromkeys(pattern for each in patterned for pattern in each))
    for name in spelled:
        yield NameClass(frozenset(each for each in patterns if re.search(each, name)), name)
    if len(patterns) > MAXIMUM_PATTERNS:
        raise UndecidableError(f"there are more than {MAXIMUM_PATTERNS} patterns of property names")
    sizes = range(len(patterns) + 1)
    for matched in chain.from_iterable(combinations(patterns, size) for size in sizes):
        try:
            outside = [language(each) for each in patterns if each not in matched]
            word = find_word([language(each) for each in matched], [*outside, *map(literal, spelled)])
        except UndecidableError:
            yield NameClass(frozenset(matched), None)
            continue
        if word is not None:
            yield NameClass(frozenset(matched), word)


def spelled_names(schemas: Sequence[Subschema]) -> list[str]:
    """Return the names in `properties`, `required` and `dependencies`."""
    found: dict[str, None] = {}
    for schema in schemas:
        for keyword in ("properties", "required", "dependencies"):
            found.update(dict.fromkeys(schema.keywords.get(keyword, ())))
    return list(found)


def required_names(shape: Shape) -> list[str]:
    """Return the names that every object of the shape has."""
    return list(dict.fromkeys(name for atom in shape.atoms for name in atom.keywords.get("required", ())))


def children_of(shape: Shape, name: NameClass) -> tuple[Subschema, ...]:
    """Return everything that a shape demands of a property with such a name."""
    return tuple(child for atom in shape.atoms for child in name.children(atom))


def declares_names(shape: Shape) -> bool:
    """Return whether a shape says anything about names: otherwise it is a map of anything."""
    about = ("properties", "patternProperties", "required")
    return any(atom.keywords.get(each) for atom in shape.atoms for each in about)
