"""Random data that a schema of ours allows."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, TypeAlias

from cli.schema.compatibility.regex.generation import random_word
from cli.schema.compatibility.regex.parser import language
from cli.schema.compatibility.verdict import Instance, UndecidableError

Part: TypeAlias = Mapping[str, Any]
MAXIMUM_ITEMS = 3
MAXIMUM_WORDS = 100
"""Random words tried for a pattern with lookaheads, which are not understood."""
MAXIMUM_AMOUNT = 1_000
"""Random numbers lie at most so far above the minimum: legible, and their sums stay in range."""


class DataGenerator:
    """Generates instances of one document; `full` adds every optional property."""

    def __init__(self, schema: Mapping[str, Any], random: Random, *, full: bool) -> None:
        self.schema, self.random, self.full = schema, random, full

    def value(self, node: Mapping[Any, Any]) -> Instance:
        """Return an instance of a part of the document.

        Raises:
            UndecidableError: the part uses a keyword that our schemas do not.
        """
        match node:
            case {"$ref": str(reference)}:
                return self.value(self._definition(reference))
            case {"enum": [*values]}:
                return self.random.choice(values)
            case {"type": "object", "properties": {**properties}}:
                return self._record(properties, node.get("required", ()))
            case {"type": "array", "items": {**items}}:
                return self._list(items, node.get("minItems", 0), node.get("maxItems", MAXIMUM_ITEMS))
        return self._scalar(node)

    def _scalar(self, node: Mapping[Any, Any]) -> Instance:
        match node:
            case {"type": "integer"}:
                least = node.get("minimum", 0)
                most = node.get("maximum", least + MAXIMUM_AMOUNT)
                return self.random.randint(least, min(most, least + MAXIMUM_AMOUNT))
            case {"type": "string", "pattern": str(pattern)}:
                return self._word(pattern)
            case {"type": "string"}:
                return "example".ljust(node.get("minLength", 0), "x")[: node.get("maxLength")]
            case {"type": "boolean"}:
                return self.random.choice([True, False])
        raise UndecidableError(f"no value can be made for {node}")

    def _word(self, pattern: str) -> str:
        for _ in range(MAXIMUM_WORDS):
            word = random_word(language(pattern, loose=True), self.random)
            if word is not None and re.search(pattern, word):
                return word
        raise UndecidableError(f"no string was found that matches {pattern}")

    def _definition(self, reference: str) -> Part:
        found: Part = self.schema["definitions"][reference.rpartition("/")[2]]
        return found

    def _record(self, properties: Mapping[Any, Any], required: Sequence[str]) -> dict[str, Instance]:
        names = [str(name) for name in properties if self.full or name in required]
        return {name: self.value(properties[name]) for name in names}

    def _list(self, items: Mapping[Any, Any], least: int, most: int) -> list[Instance]:
        size = max(least, min(most, MAXIMUM_ITEMS)) if self.full else least
        return [self.value(items) for _ in range(size)]
