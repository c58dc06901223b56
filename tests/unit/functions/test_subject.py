"""Tests that a token's subject is always the same customer, and no other."""

from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.contracts.party import CustomerId
from functions.shared.runtime.subject import customer_named

SUBJECTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)
AUTH0 = "auth0|507f1f77bcf86cd799439020"


@pytest.mark.parametrize(
    "subject", ["ada", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "ada@example.com", "a:b", "sub-ada", "x" * 128]
)
def test_subject_is_the_customer_id_when_it_fits(subject: str) -> None:
    assert customer_named(subject) == subject


def test_hashed_customer_id_never_changes() -> None:
    digest = "bae711141f78e7d1877321e6dd4a3213b215a3db7b97f439f6e8da567b239c3b"  # sha256sum's
    assert customer_named(AUTH0) == f"sub-{digest}"


@pytest.mark.parametrize(
    "subject", [AUTH0, "google-oauth2|1", "CN=Ada Lovelace,O=Example", "x" * 129, "x" * 255]
)
def test_subject_is_hashed_when_it_does_not_fit(subject: str) -> None:
    assert customer_named(subject) == f"sub-{sha256(subject.encode()).hexdigest()}"


def test_subject_is_hashed_when_it_looks_like_another_id() -> None:
    assert customer_named(customer_named(AUTH0)) != customer_named(AUTH0)


@given(SUBJECTS)
def test_customer_id_is_valid_for_any_subject(subject: str) -> None:
    assert msgspec.convert(customer_named(subject), CustomerId) == customer_named(subject)


@given(SUBJECTS, SUBJECTS)
def test_two_subjects_are_two_customers(one: str, other: str) -> None:
    assert (customer_named(one) == customer_named(other)) == (one == other)


@pytest.mark.parametrize(
    "subject", [None, "", 7, ["ada"], "x" * 256, "ada\n", "a\x00b", "zo\u00eb", "\ud800"]
)
def test_invalid_subject_is_rejected(subject: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        customer_named(subject)
