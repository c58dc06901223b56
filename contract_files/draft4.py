"""JSON Schema draft 4, the newest that EventBridge's registry takes, from the schema that msgspec writes.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schema-create.html and, on what differs,
https://json-schema.org/understanding-json-schema/reference/schema
"""

from typing import Any

import msgspec

from contract_files.definitions import JsonObject, shared

DRAFT = "http://json-schema.org/draft-04/schema#"
PREFIX = "#/definitions/"
ANNOTATIONS = frozenset({"default", "description"})
KEYWORDS = ANNOTATIONS | {
    *("$ref", "anyOf", "enum", "type"),
    *("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
    *("format", "maxLength", "minLength", "pattern"),
    *("items", "maxItems", "minItems"),
    *("additionalProperties", "properties", "required"),
}
"""Keywords that have the meaning in draft 4 that they have in the schema msgspec writes, once translated."""


class UnsupportedKeywordError(ValueError):
    """Draft 4 cannot express a type."""


def schema_of(kind: type[msgspec.Struct], *, urn: str, title: str) -> JsonObject:
    """Return the schema of a structure, each shared definition once.

    Raises:
        UnsupportedKeywordError: a type needs a keyword that draft 4 does not have.
    """
    definitions: JsonObject = {}
    _, structures = msgspec.json.schema_components([kind], ref_template=f"{PREFIX}{{name}}")
    found = {name: shared(each, definitions, PREFIX) for name, each in structures.items()}
    root = _translated(found.pop(kind.__name__))
    document = {
        "$schema": DRAFT,
        "id": urn,
        "title": title,
        "type": "object",
        "description": str(root["description"]).partition("\n\n")[0],
        "required": root["required"],
        "properties": root["properties"],
    }
    below = {name: _translated(each) for name, each in sorted({**definitions, **found}.items())}
    return {**document, "definitions": below} if below else document


def _translated(node: JsonObject) -> JsonObject:
    """Return one schema, and all below it, in draft 4."""
    schema: JsonObject = {}
    for keyword, value in node.items():
        if keyword == "title":
            continue
        if keyword not in KEYWORDS:
            raise UnsupportedKeywordError(f"draft 4 has no {keyword!r}; use another type")
        schema |= _keyword(keyword, value)
    if "enum" in schema and all(isinstance(each, str) for each in schema["enum"]):
        schema = {"type": "string", **schema}
    return schema


def _keyword(keyword: str, value: Any) -> JsonObject:  # noqa: ANN401 - any value of a keyword
    match keyword:
        case "properties":
            return {keyword: {name: _translated(each) for name, each in value.items()}}
        case "items" | "additionalProperties" if isinstance(value, dict):
            return {keyword: _translated(value)}
        case "anyOf":
            return {keyword: [_translated(each) for each in value]}
        case "exclusiveMinimum" | "exclusiveMaximum":
            # A number in later drafts; in draft 4 a flag beside the limit.
            return {keyword.removeprefix("exclusive").lower(): value, keyword: True}
        case _:
            return {keyword: value}
