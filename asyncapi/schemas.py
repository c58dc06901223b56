"""The schemas of the document: the envelope, each version's data, and their definitions once each."""

import json
from typing import Any

from asyncapi.schema_files import SCHEMAS, read, schema_files

ENVELOPE = "Envelope"
_KEYWORDS_OF_A_FILE = ("$schema", "id", "definitions")


def component_schemas() -> dict[str, Any]:
    """Return every schema; a definition that two files share by name and content is there once."""
    found: dict[str, Any] = {ENVELOPE: _of_file(read(SCHEMAS / "Envelope.v1.json"), {})}
    for file in schema_files():
        schema = file.schema()
        definitions = schema.get("definitions", {})
        names = {each: _free_name(found, each, definitions, owner=file.name) for each in definitions}
        found |= {names[each]: _of_file(definition, names) for each, definition in definitions.items()}
        found[file.name] = _of_file(schema, names)
    return dict(sorted(found.items()))


def _free_name(found: dict[str, Any], name: str, definitions: dict[str, Any], *, owner: str) -> str:
    """Return the definition's own name, or one with its file's if that name means something else."""
    definition = _of_file(definitions[name], {each: each for each in definitions})
    return name if found.get(name, definition) == definition else f"{owner}.{name}"


def _of_file(schema: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """Return the schema without a file's keywords, with references into the document."""
    text = json.dumps({key: value for key, value in schema.items() if key not in _KEYWORDS_OF_A_FILE})
    for old, new in names.items():
        text = text.replace(f'"#/definitions/{old}"', f'"#/components/schemas/{new}"')
    moved: dict[str, Any] = json.loads(text)
    return moved
