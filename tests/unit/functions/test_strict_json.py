"""Tests of strict JSON: bounded, and the same for every parser."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.runtime.strict_json import (
    MAXIMUM_DEPTH,
    MAXIMUM_NUMBER_CHARACTERS,
    JsonFaultError,
    parse,
)

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | TEXT
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def outcome_of(content: bytes) -> tuple[Any, JsonFaultError | None]:
    try:
        return parse(content), None
    except JsonFaultError as fault:
        return None, fault


def fault_of(text: str) -> tuple[str, int | None, str | None]:
    with pytest.raises(JsonFaultError) as refused:
        parse(text.encode("utf-8", "surrogatepass"))
    return refused.value.code, refused.value.offset, refused.value.pointer


@given(document=DOCUMENTS, ascii_only=st.booleans())
def test_document_is_parsed_like_any_json_parser(document: Any, *, ascii_only: bool) -> None:
    try:
        text = json.dumps(document, ensure_ascii=ascii_only, allow_nan=False)
    except ValueError:  # an infinite float is no JSON
        return
    assert parse(text.encode()) == document


@given(st.binary(max_size=200) | st.text('{}[]",:0123456789eE+-.\\u d8\t\n', max_size=200).map(str.encode))
def test_any_bytes_are_parsed_or_rejected_with_a_code(content: bytes) -> None:
    read, fault = outcome_of(content)
    if fault is None:
        assert read == json.loads(content)
    else:
        assert fault.offset is None or 0 <= fault.offset <= len(content)


def test_depth_and_number_are_accepted_at_the_limit() -> None:
    deepest = "[" * MAXIMUM_DEPTH + "]" * MAXIMUM_DEPTH
    assert json.dumps(parse(deepest.encode())) == deepest
    assert fault_of(f"[{deepest}]") == ("json_too_deep", MAXIMUM_DEPTH, None)
    assert parse(b"1" * MAXIMUM_NUMBER_CHARACTERS) == int("1" * MAXIMUM_NUMBER_CHARACTERS)
    assert fault_of("1" * (MAXIMUM_NUMBER_CHARACTERS + 1)) == ("number_out_of_range", 0, None)


def test_siblings_do_not_count_as_depth() -> None:
    assert parse(f"[{'[],' * 30}[]]".encode()) == [[]] * 31
    assert fault_of("[[]]" * 30) == ("json_invalid", 4, None)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[1e400]", ("number_out_of_range", 1, None)),
        ("[1-2]", ("json_invalid", 2, None)),
        ('{"a": "\\ud83d\\ude00"}', None),
        ('{"a": {"b/c": ["\\ud83d"]}}', ("invalid_unicode", None, "/a/b~1c/0")),
        ('{"a": {"\\u202e": 1}}', ("forbidden_character", None, "/a")),
        ('["\\\\ud83d"]', None),
        ('{"a": 1, "a": 1}', ("duplicate_key", None, None)),
        ('["\ud800"]', ("invalid_unicode", 2, None)),
        ('"no end', ("json_invalid", 0, None)),
        ('"no end\\', ("json_invalid", 0, None)),
    ],
)
def test_fault_has_its_code_and_place(text: str, fault: tuple[str, int | None, str | None] | None) -> None:
    if fault is None:
        parse(text.encode())
    else:
        assert fault_of(text) == fault
