"""A pattern's language has exactly the strings that `re.search` finds the pattern in."""

import re
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis_profile import examples

from cli.schema.compatibility.regex.generation import random_word, shortest_word
from cli.schema.compatibility.regex.parser import language
from cli.schema.compatibility.regex.syntax import literal
from cli.schema.compatibility.regex.words import find_word
from cli.schema.compatibility.verdict import UndecidableError

PATTERNS = [
    "",
    "a",
    "^a",
    "a$",
    "^a$",
    r"^a(?!\n)$",
    r"\Aab\Z",
    "^a|b$",
    "^(a|b)*$",
    "^(?:ab?)+c{2}$",
    "^a{2,3}$",
    "^a{2,}b{0,1}$",
    "^[a-c]+$",
    "^[^a-c]*$",
    r"^[\d\-x]+$",
    r"^\w\s\S$",
    r"^\D+$",
    "^[]a]+$",
    "^[a-]+$",
    "^.{2}$",
    r"^\x61\u0062\.$",
    "^a+?b*?$",
    "^(|a)b$",
    "^{a}$",
    r"^[^\x00-\x1f\x7f]{1,5}(?!\n)$",
]
UNSUPPORTED = [
    "^(a)\\1$",
    "^a(?=b)",
    "^(?<!a)b$",
    "a^b",
    "^(?i:a)$",
    "^a{,3}$",
    "\\bword\\b",
    "[",
    "(?P<x>a)",
    "^a++$",
]
TEXTS = st.text(alphabet="abcx1 \n.-]{}A\u0661é", max_size=5)


@settings(max_examples=examples(100), deadline=None, database=None)
@given(st.sampled_from(PATTERNS), TEXTS)
def test_language_has_what_search_finds(pattern: str, text: str) -> None:
    is_in_language = find_word([language(pattern), literal(text)]) is not None
    assert is_in_language == bool(re.search(pattern, text))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_words_of_language_match_the_pattern(pattern: str) -> None:
    expression, random = language(pattern), Random(1)
    words = [
        shortest_word(expression),
        find_word([expression]),
        *(random_word(expression, random) for _ in range(20)),
    ]
    for word in words:
        assert word is not None
        assert re.search(pattern, word)


@pytest.mark.parametrize("pattern", UNSUPPORTED)
def test_pattern_is_undecidable_when_it_is_not_understood(pattern: str) -> None:
    with pytest.raises(UndecidableError):
        language(pattern)


@pytest.mark.parametrize(
    ("pattern", "looser"),
    [("^(?!b)[ab]$", "^[ab]$"), ("^(?=[)(]a)b", "^b"), (r"^a(?<=\))b$", "^ab$"), ("^(?!(a|(b)))x$", "^x$")],
)
def test_loose_language_ignores_lookarounds(pattern: str, looser: str) -> None:
    one, other = language(pattern, loose=True), language(looser)
    assert find_word([one], [other]) is None
    assert find_word([other], [one]) is None


def test_search_is_undecidable_when_it_is_too_large() -> None:
    with pytest.raises(UndecidableError):
        find_word([language("^(a{1,60}){1,60}$"), language("^(a{1,70}){1,60}$")])
