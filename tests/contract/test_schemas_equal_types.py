"""Tests that the public schemas and the typed contracts accept the same documents."""

import json
from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from msgspec import UNSET, UnsetType

from functions.contracts.registry import ALL, FACTS
from functions.contracts.values import Sku, Text
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Envelope
from functions.shared.contracts.fact import Fact
from tests.contract.agreement import (
    assert_agree_at_edges,
    assert_agree_on_mutants,
    assert_agree_on_needed_fields,
    assert_example_is_whole,
    types_accept,
)
from tests.contract.documents import SCHEMAS, documents, example_of, mutants, schema_of

pytestmark = pytest.mark.exhaustive

Agreement = Callable[[type[Fact], dict[str, Any], Any], None]


@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_each_fact_has_the_schema_its_urn_names(fact: type[Fact]) -> None:
    schema = schema_of(fact)
    Draft4Validator.check_schema(schema)
    assert schema["id"] == codec.schema_of(fact)
    assert schema["title"] == fact.__name__
    assert schema["description"] == fact.__doc__


def test_each_schema_has_the_fact_it_describes() -> None:
    described = {(path.parent.name, path.name.split(".")[0]) for path in SCHEMAS.glob("*/*.json")}
    assert described == {(fact.owner, name) for name, fact in FACTS.items()}


AGREE = pytest.mark.parametrize(
    "agree",
    [
        assert_example_is_whole,
        assert_agree_on_mutants,
        assert_agree_at_edges,
        assert_agree_on_needed_fields,
    ],
    ids=lambda agree: agree.__name__.removeprefix("assert_"),
)


@AGREE
@pytest.mark.parametrize("fact", ALL, ids=lambda fact: fact.__name__)
def test_schema_and_type_agree(fact: type[Fact], agree: Agreement) -> None:
    agree(fact, schema_of(fact), example_of(fact))


class ParcelNoted(Fact, frozen=True, kw_only=True):
    """A fact for these tests, with an optional field."""

    owner: ClassVar[str] = "scales"

    parcel: Sku
    note: Text | UnsetType = UNSET


PARCEL_NOTED: dict[str, Any] = {
    "type": "object",
    "required": ["parcel"],
    "properties": {"parcel": {"$ref": "#/definitions/sku"}, "note": {"$ref": "#/definitions/text"}},
    "definitions": {
        "sku": {"type": "string", "pattern": "^[A-Z0-9][A-Z0-9-]{0,39}(?!\\n)$"},
        "text": {"type": "string", "pattern": "^[^\\x00-\\x1f\\x7f]{1,100}(?!\\n)$"},
    },
}
NOTED = {"parcel": "P-1", "note": "fragile"}


@AGREE
def test_optional_field_agrees_when_absent_or_present(agree: Agreement) -> None:
    agree(ParcelNoted, PARCEL_NOTED, NOTED)


def test_schema_generates_documents_with_and_without_an_optional_field() -> None:
    generated = documents(PARCEL_NOTED, PARCEL_NOTED)
    assert types_accept(find(generated, lambda document: "note" in document), ParcelNoted)
    assert types_accept(find(generated, lambda document: "note" not in document), ParcelNoted)


def test_optional_field_is_absent_from_json_when_unset() -> None:
    assert json.loads(msgspec.json.encode(ParcelNoted(parcel="P-1"))) == {"parcel": "P-1"}


class ParcelNullable(Fact, frozen=True, kw_only=True):
    """A fact whose optional field may be null, which our schemas do not allow."""

    owner: ClassVar[str] = "scales"

    parcel: Sku
    note: Text | None = None


@pytest.mark.parametrize(
    ("fact", "required"),
    [(ParcelNoted, ["parcel", "note"]), (ParcelNoted, []), (ParcelNullable, ["parcel"])],
    ids=["required by the schema alone", "required by the type alone", "null allowed by the type alone"],
)
def test_agreement_fails_when_schema_and_type_differ(fact: type[Fact], required: list[str]) -> None:
    with pytest.raises(AssertionError):
        assert_agree_on_needed_fields(fact, {**PARCEL_NOTED, "required": required}, NOTED)


def test_example_fails_when_it_hides_an_optional_field() -> None:
    with pytest.raises(AssertionError):
        assert_example_is_whole(ParcelNoted, PARCEL_NOTED, {"parcel": "P-1"})


TIMES = st.one_of(
    st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat()).filter(lambda t: len(t) <= 32),
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
