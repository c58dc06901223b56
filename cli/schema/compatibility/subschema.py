"""A schema, and its parts with the document that their references point into."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import validator_for
from referencing.exceptions import Unresolvable

from cli.schema.compatibility.drafts import Draft, draft_of
from cli.schema.compatibility.formats import FORMATS
from cli.schema.compatibility.loops import looping_reference
from cli.schema.compatibility.verdict import Instance, Node, UndecidableError

NOTHING: Node = {"not": {}}
"""A schema without instances, in every draft."""


class SchemaDocument:
    """A whole schema, with its validator."""

    def __init__(self, schema: Node) -> None:
        kind = validator_for(schema, default=Draft7Validator)
        try:
            kind.check_schema(cast("dict[str, Any]", schema))  # true and false are schemas, too
        except SchemaError as error:
            raise UndecidableError(f"the schema is invalid: {error.message}") from None
        self.root = schema
        self.validator = kind(schema, format_checker=FORMATS)

    @cached_property
    def draft(self) -> Draft:
        """The draft; raise UndecidableError if its keywords are not understood."""
        draft = draft_of(self.root)
        if draft is None:
            raise UndecidableError("a schema is written in a draft other than 4, 6 and 7")
        if _has_inner_ids(self.root, is_root=True):
            raise UndecidableError("a part of a schema has an id of its own")
        loop = looping_reference(self.root, self.part_at)
        if loop is not None:
            raise UndecidableError(f"{loop} refers to itself without a property or item between")
        return draft

    def part_at(self, reference: str) -> Node:
        """Return the part that a reference into this document points to."""
        if not (reference == "#" or reference.startswith("#/")):
            raise UndecidableError(f"a schema refers to {reference}, outside itself")
        part: Any = self.root
        for step in reference.split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            try:
                part = part[int(name)] if isinstance(part, list) else part[name]
            except (KeyError, IndexError, ValueError, TypeError):
                raise UndecidableError(f"a schema refers to {reference}, which it lacks") from None
        found: Node = part
        return found


@dataclass(frozen=True, eq=False)
class Subschema:
    """A part of a document."""

    document: SchemaDocument
    node: Node

    def at(self, node: Node) -> "Subschema":
        """Return another part of the same document."""
        return Subschema(self.document, node)

    @cached_property
    def keywords(self) -> Mapping[str, Any]:
        """The assertions of the part, with references resolved; annotations restrict no instance."""
        node, seen = self.node, set[str]()
        while isinstance(node, Mapping) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                raise UndecidableError(f"{node['$ref']} refers to itself")
            seen.add(node["$ref"])
            node = self.document.part_at(node["$ref"])
        if isinstance(node, bool):
            return {} if node else {"not": {}}
        asserted = self.document.draft.value
        return {name: value for name, value in node.items() if name in asserted}

    @cached_property
    def text(self) -> str:
        """The assertions with everything they refer to; equal texts have the same instances."""
        references: dict[str, Any] = {}
        _collect(self.document, self.keywords, references)
        everything = [self.document.draft.name, self.keywords, references]
        return json.dumps(everything, sort_keys=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Subschema) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @cached_property
    def _validator(self) -> Validator:
        return self.document.validator.evolve(schema=self.node)

    def accepts(self, instance: Instance) -> bool:
        """Return whether a validator accepts the instance."""
        try:
            return bool(self._validator.is_valid(instance))
        except (Unresolvable, RecursionError) as error:
            raise UndecidableError(f"the validator failed: {error}") from None


def _collect(document: SchemaDocument, value: object, found: dict[str, Any]) -> None:
    """Add what the value refers to, and what that refers to."""
    if isinstance(value, Mapping):
        reference = value.get("$ref")
        if isinstance(reference, str) and reference not in found:
            found[reference] = document.part_at(reference)
            _collect(document, found[reference], found)
        for below in value.values():
            _collect(document, below, found)
    elif isinstance(value, list):
        for below in value:
            _collect(document, below, found)


def _has_inner_ids(value: object, *, is_root: bool = False) -> bool:
    if isinstance(value, Mapping):
        if not is_root and any(isinstance(value.get(name), str) for name in ("id", "$id")):
            return True
        return any(_has_inner_ids(below) for below in value.values())
    return isinstance(value, list) and any(map(_has_inner_ids, value))
