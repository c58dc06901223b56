"""Tests that every generated contract is current."""

from contract_files.files import stale


def test_generated_contracts_are_current() -> None:
    assert stale() == [], "make contracts"
