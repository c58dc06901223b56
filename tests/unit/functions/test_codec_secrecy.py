"""Tests that errors about a message hold no content of it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples

from functions.shared.contracts.codec import Rejected, UnknownFactError, without_values
from functions.shared.contracts.delivery import read_delivery
from tests.unit.functions.builders import a_bus_event, a_checkout_completed, a_document, an_order_created

CANARY = "c4n4ry"
DOCUMENTS = (a_document(an_order_created()), a_document(a_checkout_completed()))

# Quotes, paths and line ends around the canary could mislead a parser of error messages.
odd = st.text(st.sampled_from("'\"`$.[]- at\n\t\\{}é\u202e\U0001f980aZ09"), max_size=12)
secrets = st.builds(lambda before, after: f"{before}{CANARY}{after}", odd, odd)
spoilt_values: st.SearchStrategy[Any] = st.one_of(
    secrets,
    st.lists(secrets, min_size=1, max_size=2),
    st.dictionaries(st.sampled_from(["sku", "amount", "id"]), secrets, min_size=1, max_size=2),
    st.just(4242424242424242),
    st.just(4242424242424242.5),
)


def paths(document: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return every path to a value in the document."""
    below: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        below = list(document.items())
    elif isinstance(document, list):
        below = list(enumerate(document))
    return [*([at] if at else []), *(path for key, value in below for path in paths(value, (*at, key)))]


@st.composite
def changed_events(draw: st.DrawFn) -> dict[str, Any]:
    """Generate a bus event with a secret in one invalid place."""
    event = json.loads(json.dumps(a_bus_event(draw(st.sampled_from(DOCUMENTS)))))
    *way, last = draw(st.sampled_from(paths(event)))
    below = event
    for step in way:
        below = below[step]
    below[last] = draw(spoilt_values)
    result: dict[str, Any] = event
    return result


def error_text_of(body: str) -> str:
    try:
        read_delivery(body)
    except Rejected as rejected:
        return f"{rejected} {rejected.code} {rejected.detail}"
    except UnknownFactError:
        # Counted, never printed: its text is the name of the fact.
        return ""
    return ""


@settings(max_examples=examples(100))
@given(changed_events())
def test_error_holds_no_value_of_the_message(event: dict[str, Any]) -> None:
    error_text = error_text_of(json.dumps(event))
    assert CANARY not in error_text
    assert "4242424242424242" not in error_text


@given(secrets, st.integers(0, 400))
def test_error_holds_no_part_of_invalid_json(secret: str, cut: int) -> None:
    body = json.dumps(a_bus_event(DOCUMENTS[0]))
    error_text = error_text_of(body[:cut] + secret + body[cut:])
    assert CANARY not in error_text


@pytest.mark.parametrize(
    "value", ["EURO", "", "x' - at `$.y`", "`", "two\nlines", "' - at `$.a", "enum value 'x'"]
)
def test_error_does_not_quote_an_unknown_enum_value(value: str) -> None:
    error_text = f"Invalid enum value '{value}' - at `$.currency`"
    assert without_values(error_text) == "Invalid enum value - at `$.currency`"
    assert without_values(f"Invalid enum value '{value}'") == "Invalid enum value"
