"""The public schemas and the typed contracts say yes and no to the same documents."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Envelope
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.registry import ALL, FACTS
from tests.contract.documents import (
    SCHEMAS,
    documents,
    example_of,
    mutants,
    places,
    removed,
    replaced,
    schema_of,
)


def types_accept(document: Any, kind: type[Any]) -> bool:
    try:
        msgspec.json.decode(json.dumps(document), type=kind)
    except msgspec.ValidationError:
        return False
    return True


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_each_fact_has_the_schema_that_its_urn_names(fact: type[Fact]) -> None:
    schema = schema_of(fact)
    Draft4Validator.check_schema(schema)
    assert schema["id"] == codec.schema_of(fact)
    assert schema["title"] == fact.__name__
    assert schema["description"] == fact.__doc__


def test_each_schema_has_the_fact_it_describes() -> None:
    described = {(path.parent.name, path.name.split(".")[0]) for path in SCHEMAS.glob("*/*.json")}
    assert described == {(fact.owner, name) for name, fact in FACTS.items()}


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_each_example_is_valid_and_survives_the_types_unchanged(fact: type[Fact]) -> None:
    example = example_of(fact)
    Draft4Validator(schema_of(fact)).validate(example)
    read = msgspec.json.decode(json.dumps(example), type=fact)
    assert json.loads(msgspec.json.encode(read)) == example


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_schema_and_type_agree_on_generated_documents_and_their_mutants(fact: type[Fact]) -> None:
    schema = schema_of(fact)
    validator = Draft4Validator(schema)
    originals = st.one_of(st.just(example_of(fact)), documents(schema, schema))

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(document=mutants(originals))
    def agree(document: Any) -> None:
        assert types_accept(document, fact) == validator.is_valid(document), document

    agree()


EDGES: list[Any] = [
    *(limit + step for limit in (1, 99, 100_000_000, 1_000_000_000_000) for step in (-1, 0, 1)),
    *(-1, 1.0, 0.5, True, None, "", " ", "1", "é", "EUR", "ZZZ", {}, []),
    *("-", "_", "A", "a", "A-1", "a_1", "pm_", "pm_x", "a@b", "a@b.c", "a b", "\x00", "\x7f", "\u2028"),
]


def edges_of(value: Any) -> list[Any]:
    """Values that lie just inside or outside what a field takes, its own value's neighbours among them."""
    if isinstance(value, str):
        grown = [value * n for n in (2, 20, 400)]
        return [*EDGES, *grown, value + "\n", "\n" + value, value[:-1], value.upper(), value.lower()]
    if isinstance(value, list):
        return [*EDGES, *([*value * 99][:n] for n in (0, 1, 98, 99, 100))]
    return EDGES


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_schema_and_type_agree_at_the_edges_of_every_field(fact: type[Fact]) -> None:
    example = example_of(fact)
    validator = Draft4Validator(schema_of(fact))
    for path in places(example)[1:]:
        value = example
        for step in path:
            value = value[step]
        for edge in edges_of(value):
            document = replaced(example, path, edge)
            assert types_accept(document, fact) == validator.is_valid(document), (path, edge)


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_every_single_field_is_needed_and_a_further_one_is_ignored(fact: type[Fact]) -> None:
    example = example_of(fact)
    validator = Draft4Validator(schema_of(fact))
    for path in places(example):
        if path and isinstance(path[-1], str):
            without = removed(example, path)
            assert not validator.is_valid(without), path
            assert not types_accept(without, fact), path
    widened = {**example, "added_in_a_later_version": {"any": ["thing"]}}
    assert validator.is_valid(widened)
    assert types_accept(widened, fact)


TIMES = st.one_of(
    st.datetimes(timezones=st.timezones())
    .map(lambda moment: moment.isoformat())
    .filter(lambda t: len(t) <= 32),
    st.sampled_from(
        ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00", "2026-11-23", "now", "", "2026-13-01T00:00:00Z"]
    ),
)


def test_schema_and_type_agree_on_envelopes_and_their_mutants() -> None:
    schema = json.loads((SCHEMAS / "Envelope.v1.json").read_text())
    example = json.loads((SCHEMAS / "Envelope.v1.example.json").read_text())
    validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
    validator.validate(example)

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(document=mutants(st.builds(lambda time: {**example, "time": time}, TIMES)))
    def agree(document: Any) -> None:
        assert types_accept(document, Envelope) == validator.is_valid(document), document

    agree()
