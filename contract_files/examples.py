"""An example of a structure, composed of the examples of its fields' types."""

from typing import Any

import msgspec

from contract_files.definitions import JsonObject


class MissingExampleError(ValueError):
    """A type names no example, and none follows from it."""


def example_of(kind: type[msgspec.Struct], *, full: bool) -> JsonObject:
    """Return a valid example: with every optional field if it is `full`, otherwise with none.

    Raises:
        MissingExampleError: a field's type names no example.
        ValidationError: an example violates its own type.
    """
    _, structures = msgspec.json.schema_components([kind], ref_template="{name}")
    example = _Examples(structures, full=full).of(structures[kind.__name__], kind.__name__)
    return msgspec.json.decode(msgspec.json.encode(msgspec.convert(example, kind)), type=JsonObject)


class _Examples:
    """The examples of a document's schemas."""

    def __init__(self, structures: JsonObject, *, full: bool) -> None:
        self._structures = structures
        self._full = full

    def of(self, node: JsonObject, path: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the example of a schema; `path` names it in errors."""
        if "$ref" in node:
            return self.of(self._structures[node["$ref"]], path)
        if node.get("type") == "array":
            given = node["examples"][0] if "examples" in node else [None] * max(1, node.get("minItems", 0))
            return [self._item(node["items"], each, f"{path}[]") for each in given]
        if "properties" in node:
            shown = node["properties"] if self._full else node["required"]
            return {name: self.of(node["properties"][name], f"{path}.{name}") for name in shown}
        if "default" in node:
            return node["default"]
        values = node.get("examples") or node.get("enum")
        if not values:
            raise MissingExampleError(f"{path} has no example; add examples=[…] to the Meta of its type")
        return values[0]

    def _item(self, items: JsonObject, given: Any, path: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the given item, completed by fields that it does not have yet."""
        if given is not None and not isinstance(given, dict):
            return given
        item = self.of(items, path)
        return {**item, **{name: given[name] for name in item if name in given}} if given else item
