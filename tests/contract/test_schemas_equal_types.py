"""The public schemas and the typed contracts say yes and no to the same documents."""

import json
from pathlib import Path
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

SCHEMAS = Path(__file__).parents[2] / "schemas"


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    path = SCHEMAS / fact.owner / f"{fact.__name__}.v{fact.version}.json"
    schema: dict[str, Any] = json.loads(path.read_text())
    return schema


def example_of(fact: type[Fact]) -> Any:
    return json.loads((SCHEMAS / fact.owner / f"{fact.__name__}.v{fact.version}.example.json").read_text())


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
    """What a node of our schemas allows; a keyword it does not know fails, so that none is passed over."""
    node = dict(node)
    node.pop("description", None)
    if "$ref" in node:
        return documents(schema, schema["definitions"][node["$ref"].rpartition("/")[2]])
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node:
        case {"type": "object", "required": required, "properties": properties, **others}:
            assert not others.keys() - {"$schema", "id", "title", "definitions"}
            assert sorted(required) == sorted(properties)
            return st.fixed_dictionaries(
                {name: documents(schema, below) for name, below in properties.items()}
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
    """Every path into the document."""
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
    """A valid document, left as it is or spoilt in up to three places."""
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
