"""Types with a title, written once in a document and referred to by their name."""

from typing import Any

JsonObject = dict[str, Any]


class AmbiguousTitleError(ValueError):
    """Two different types have one title, which names a definition."""


def shared(node: Any, definitions: JsonObject, prefix: str) -> Any:  # noqa: ANN401 - any part of a schema
    """Return the schema with references to its titled types; add these to the definitions.

    Structures have their references already. Examples are omitted: files of their own show them.

    Raises:
        AmbiguousTitleError: a definition of this name says something else.
    """
    if isinstance(node, list):
        return [shared(each, definitions, prefix) for each in node]
    if not isinstance(node, dict):
        return node
    schema: JsonObject = {
        key: {name: shared(each, definitions, prefix) for name, each in value.items()}
        if key == "properties"
        else shared(value, definitions, prefix)
        for key, value in node.items()
        if key != "examples"
    }
    title = schema.get("title")
    if title is None or schema.get("type") == "object":
        return schema
    del schema["title"]
    if definitions.setdefault(title, schema) != schema:
        raise AmbiguousTitleError(f"{title!r} names two types; give each of them a title of its own")
    return {"$ref": f"{prefix}{title}"}
