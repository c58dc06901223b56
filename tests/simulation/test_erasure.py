"""A customer is erased in the middle of a run; every invariant holds, and nothing names the person."""

from dataclasses import replace

import pytest

from cli.core.account import Account
from cli.customers import erase
from cli.customers.records import CustomerRecords, records_of
from pocketcloud import OfflineCloud
from tests.simulation.erasure import ErasureRun

SEED = 4
"""The customer is erased before the emails have seen the order."""
MORE_SEEDS = range(40)
"""Run while the seed before them finds nothing, because the code has changed."""


def test_nothing_names_an_erased_customer_after_faults(cloud: OfflineCloud) -> None:
    run = ErasureRun(cloud, SEED)
    assert run.outcome().violation is None
    assert run.is_midway, "choose another SEED: python -m tests.simulation.erasure"


def is_broken(cloud: OfflineCloud) -> bool:
    return any(ErasureRun(cloud, seed).outcome().violation for seed in (SEED, *MORE_SEEDS))


def test_erasure_of_existing_contacts_alone_is_found(
    cloud: OfflineCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def existing_only(account: Account, customer: str) -> CustomerRecords:
        found = records_of(account, customer)
        return replace(found, orders=tuple(row["order_id"]["S"] for row in found.contacts))

    monkeypatch.setattr(erase, "records_of", existing_only)
    assert is_broken(cloud)


def test_erasure_without_the_event_log_is_found(cloud: OfflineCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase, "_erase_events", lambda *_: None)
    assert is_broken(cloud)
