"""The agreement of a fact's schema and type: valid documents and required fields."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from functions.shared.contracts.fact import Fact
from tests.contract.documents import documents, mutants, node_at, places, removed, replaced

EDGES: list[Any] = [
    *(limit + step for limit in (1, 99, 100_000_000, 1_000_000_000_000) for step in (-1, 0, 1)),
    *(-1, 1.0, 0.5, True, None, "", " ", "1", "é", "EUR", "ZZZ", {}, []),
    *("-", "_", "A", "a", "A-1", "a_1", "pm_", "pm_x", "a@b", "a@b.c", "a b", "\x00", "\x7f", "\u2028"),
]


def types_accept(document: Any, kind: type[Any]) -> bool:
    try:
        msgspec.json.decode(json.dumps(document), type=kind)
    except msgspec.ValidationError:
        return False
    return True


def assert_example_is_whole(fact: type[Fact], schema: dict[str, Any], example: Any) -> None:
    """Assert that the example is valid, is unchanged by the types, and has every optional field."""
    Draft4Validator(schema).validate(example)
    read = msgspec.json.decode(json.dumps(example), type=fact)
    assert json.loads(msgspec.json.encode(read)) == example
    for path, node in objects_in(schema, example):
        shown = example
        for step in path:
            shown = shown[step]
        assert set(shown) == set(node["properties"]), path


def assert_agree_on_mutants(fact: type[Fact], schema: dict[str, Any], example: Any) -> None:
    validator = Draft4Validator(schema)
    originals = st.one_of(st.just(example), documents(schema, schema))

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(document=mutants(originals))
    def agree(document: Any) -> None:
        assert types_accept(document, fact) == validator.is_valid(document), document

    agree()


def assert_agree_at_edges(fact: type[Fact], schema: dict[str, Any], example: Any) -> None:
    validator = Draft4Validator(schema)
    for path in places(example)[1:]:
        value = example
        for step in path:
            value = value[step]
        for edge in edges_of(value):
            document = replaced(example, path, edge)
            assert types_accept(document, fact) == validator.is_valid(document), (path, edge)


def assert_agree_on_needed_fields(fact: type[Fact], schema: dict[str, Any], example: Any) -> None:
    """Assert that exactly the required fields are needed; an optional one is absent, never null."""
    validator = Draft4Validator(schema)
    for path, node in objects_in(schema, example):
        for name in node["properties"]:
            field = (*path, name)
            without, is_optional = removed(example, field), name not in node["required"]
            assert validator.is_valid(without) == is_optional, field
            assert types_accept(without, fact) == is_optional, field
            null = replaced(example, field, None)
            assert not validator.is_valid(null), field
            assert not types_accept(null, fact), field
    widened = {**example, "added_in_a_later_version": {"any": ["thing"]}}
    assert validator.is_valid(widened)
    assert types_accept(widened, fact)


def objects_in(schema: dict[str, Any], example: Any) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
    """Yield every object in the example: its path, and the node of its schema."""
    for path in places(example):
        node = node_at(schema, path)
        if node["type"] == "object":
            yield path, node


def edges_of(value: Any) -> list[Any]:
    """Return values just inside and outside the limits of a field, and neighbours of its own value."""
    if isinstance(value, str):
        grown = [value * n for n in (2, 20, 400)]
        return [*EDGES, *grown, value + "\n", "\n" + value, value[:-1], value.upper(), value.lower()]
    if isinstance(value, list):
        return [*EDGES, *([*value * 99][:n] for n in (0, 1, 98, 99, 100))]
    return EDGES
