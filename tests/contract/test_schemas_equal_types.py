"""Tests that a schema in draft 4 accepts what its type accepts: numbers, patterns and limits translate."""

import json
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples
from jsonschema import Draft4Validator
from msgspec import UNSET, Meta, UnsetType

from contract_files.definitions import AmbiguousTitleError
from contract_files.draft4 import UnsupportedKeywordError, schema_of
from contract_files.examples import MissingExampleError, example_of
from contract_files.versions import SCHEMAS, EventVersion, released
from functions.contracts.registry import FACTS
from functions.shared.contracts import codec
from functions.shared.contracts.codec import is_valid
from functions.shared.contracts.envelope import Envelope
from tests.contract.documents import documents, mutants

pytestmark = pytest.mark.exhaustive

VERSIONS = pytest.mark.parametrize("version", list(released()), ids=lambda version: version.stem.name)


def types_accept(document: Any, kind: type[Any]) -> bool:
    try:
        msgspec.json.decode(json.dumps(document), type=kind)
    except msgspec.ValidationError:
        return False
    return True


def example(version: EventVersion, suffix: str = "") -> Any:
    path = version.stem.with_name(f"{version.stem.name}{suffix}.example.json")
    return json.loads(path.read_text())


@VERSIONS
def test_schema_is_valid_and_names_its_event(version: EventVersion) -> None:
    schema = version.schema()
    Draft4Validator.check_schema(schema)
    assert (schema["title"], schema["id"]) == (version.name, version.urn)
    fact = FACTS[version.name]
    assert version.urn == codec.schema_of(fact) or version.major in fact.older


@VERSIONS
def test_schema_and_type_agree_on_documents_and_mutants(version: EventVersion) -> None:
    schema = version.schema()
    validator = Draft4Validator(schema)
    originals = st.one_of(st.just(example(version)), documents(schema, schema))

    @settings(max_examples=examples(25), suppress_health_check=list(HealthCheck))
    @given(document=mutants(originals))
    def agree(document: Any) -> None:
        assert types_accept(document, version.kind) == validator.is_valid(document), document

    agree()


@VERSIONS
def test_examples_have_every_optional_field_or_none(version: EventVersion) -> None:
    full, minimal = example(version), example(version, ".minimal")
    schema = version.schema()
    for each in (full, minimal):
        Draft4Validator(schema).validate(each)
    assert full.keys() == schema["properties"].keys()
    assert minimal.keys() == set(schema["required"])


class Parcel(msgspec.Struct, frozen=True):
    """A parcel for these tests."""

    grams: Annotated[int, Meta(gt=0, lt=30, examples=[20])]
    note: Annotated[str, Meta(max_length=9, examples=["fragile"])] | UnsetType = UNSET


class Parcels(msgspec.Struct, frozen=True):
    """Several of them, of which the examples show only the weight."""

    each: Annotated[tuple[Parcel, ...], Meta(examples=[[{"grams": 1}, {"grams": 2}]])]


PARCEL = schema_of(Parcel, urn="urn:parcel", title="Parcel")


@pytest.mark.parametrize("grams", [-1, 0, 1, 29, 30, 31])
def test_exclusive_limit_is_a_flag_in_draft_4(grams: int) -> None:
    assert PARCEL["properties"]["grams"]["exclusiveMinimum"] is True
    assert Draft4Validator(PARCEL).is_valid({"grams": grams}) == is_valid({"grams": grams}, Parcel)


@pytest.mark.parametrize("document", [{"grams": 1}, {"grams": 1, "note": "x"}, {"grams": 1, "note": None}])
def test_optional_field_is_absent_and_never_null(document: dict[str, Any]) -> None:
    assert Draft4Validator(PARCEL).is_valid(document) == is_valid(document, Parcel)
    assert is_valid(document, Parcel) == (None not in document.values())


def test_example_of_array_gains_new_fields_of_items() -> None:
    full, minimal = (example_of(Parcels, full=full)["each"] for full in (True, False))
    assert full == [{"grams": 1, "note": "fragile"}, {"grams": 2, "note": "fragile"}]
    assert minimal == [{"grams": 1}, {"grams": 2}]


def test_example_is_missing_when_no_type_names_one() -> None:
    kind = msgspec.defstruct("Nameless", [("label", str)])
    with pytest.raises(MissingExampleError, match=r"Nameless\.label"):
        example_of(kind, full=True)


def test_keyword_is_rejected_when_draft_4_has_none() -> None:
    kind = msgspec.defstruct("Pair", [("pair", tuple[int, str])])
    with pytest.raises(UnsupportedKeywordError, match="prefixItems"):
        schema_of(kind, urn="urn:pair", title="Pair")


def test_title_is_rejected_when_it_names_two_types() -> None:
    first, second = (Annotated[str, Meta(title="Label", max_length=each)] for each in (1, 2))
    kind = msgspec.defstruct("Labels", [("first", first), ("second", second)])
    with pytest.raises(AmbiguousTitleError, match="Label"):
        schema_of(kind, urn="urn:labels", title="Labels")


TIMES = st.one_of(
    st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat()).filter(lambda t: len(t) <= 32),
    st.sampled_from(
        ["2026-11-23T10:00:00Z", "2026-11-23T10:00:00", "2026-11-23", "now", "", "2026-13-01T00:00:00Z"]
    ),
)


def read(path: Path) -> Any:
    return json.loads(path.read_text())


def test_schema_and_type_agree_on_envelopes_and_their_mutants() -> None:
    schema, whole = read(SCHEMAS / "Envelope.v1.json"), read(SCHEMAS / "Envelope.v1.example.json")
    validator = Draft4Validator(schema, format_checker=Draft4Validator.FORMAT_CHECKER)
    validator.validate(whole)

    @settings(max_examples=examples(60), suppress_health_check=list(HealthCheck))
    @given(document=mutants(st.builds(lambda time: {**whole, "time": time}, TIMES)))
    def agree(document: Any) -> None:
        assert types_accept(document, Envelope) == validator.is_valid(document), document

    agree()
