"""Documents that the public schemas allow, and mutants of them."""

from functools import cache
from typing import Any

from hypothesis import strategies as st

from contract_files.versions import version_of
from functions.shared.contracts.fact import Fact


@cache
def schema_of(fact: type[Fact]) -> dict[str, Any]:
    """Return the public schema of the latest version of a fact."""
    return version_of(fact).schema()


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.sampled_from([0, 1, 99, 100, 100_000_000, 100_000_001, 1_000_000_000_000, 1_000_000_000_001, -1]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [1.0, 0.0, "1", "", "\n", "A\n", "EUR", "EUR\n", "ZZZ", "eur", "pm_x", "É", "a@b.c", "x" * 300]
    ),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


def documents(schema: dict[str, Any], node: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Generate values that a node of our schemas allows; fail on an unknown keyword."""
    node = dict(node)
    node.pop("description", None)
    node.pop("default", None)
    if "$ref" in node:
        return documents(schema, schema["definitions"][node["$ref"].rpartition("/")[2]])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node:
        case {"type": "object", "required": required, "properties": properties, **others}:
            assert not others.keys() - {"$schema", "id", "title", "definitions"}
            assert set(required) <= set(properties)
            fields = {name: documents(schema, below) for name, below in properties.items()}
            return st.fixed_dictionaries(
                {name: fields[name] for name in fields if name in required},
                optional={name: fields[name] for name in fields if name not in required},
            )
        case {"type": "array", "items": items, "maxItems": most, **others}:
            least = others.pop("minItems", 0)
            assert not others
            return st.lists(documents(schema, items), min_size=least, max_size=min(most, 5))
        case {"type": "string", "pattern": pattern}:
            return st.from_regex(pattern)
        case {"type": "integer", "minimum": least, "maximum": most}:
            return st.integers(least, most)
    raise AssertionError(f"the generator does not know {node}")


def places(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every path into the document."""
    below: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        below = list(document.items())
    elif isinstance(document, list):
        below = list(enumerate(document))
    return [at, *(path for key, value in below for path in places(value, (*at, key)))]


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = dict(document) if isinstance(document, dict) else list(document)
    changed[path[0]] = replaced(document[path[0]], path[1:], value)
    return changed


def removed(document: Any, path: tuple[Any, ...]) -> Any:
    if len(path) > 1:
        return replaced(document, path[:1], removed(document[path[0]], path[1:]))
    changed = dict(document) if isinstance(document, dict) else list(document)
    del changed[path[0]]
    return changed


@st.composite
def mutants(draw: st.DrawFn, originals: st.SearchStrategy[Any]) -> Any:
    """Generate a valid document with up to three changes."""
    document = draw(originals)
    for _ in range(draw(st.integers(0, 3))):
        path = draw(st.sampled_from(places(document)))
        kind = draw(st.sampled_from(["replace", "remove", "add", "repeat"]))
        below = document
        for step in path:
            below = below[step]
        if kind == "replace":
            document = replaced(document, path, draw(JUNK))
        elif kind == "remove" and path:
            document = removed(document, path)
        elif kind == "add" and isinstance(below, dict):
            document = replaced(document, path, {**below, draw(st.text(max_size=3)): draw(JUNK)})
        elif kind == "repeat" and isinstance(below, list):
            document = replaced(document, path, below * draw(st.sampled_from([0, 2, 50, 99, 100])))
        if not isinstance(document, dict | list):
            break
    return document
