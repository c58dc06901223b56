"""A log that lost its last seconds for good: the tables follow it, and money without an order is named."""

from typing import Any

from pocketcloud import OfflineCloud
from tests.simulation.lagging_log import LaggingLog

SEEDS = (0, 1, 3)
"""A lost order with a capture and a refund; one with a capture; a declined payment whose event is lost."""
MORE_SEEDS = range(20, 60)
"""Run while those above lose too little, because the code has changed."""


class CarelessFailover(LaggingLog):
    """A failover without `restore state`."""

    def _reconcile(self) -> None:
        pass


def test_invariants_hold_for_what_a_lagging_log_has(cloud: OfflineCloud) -> None:
    lost, named, changed = 0, 0, set[str]()
    for seed in (*SEEDS, *MORE_SEEDS):
        if seed in MORE_SEEDS and lost and named and {"stock", "waiting"} <= changed:
            break
        rehearsal = LaggingLog(cloud, seed)
        assert rehearsal.outcome().violation is None, "\n".join(rehearsal.log)
        lost += len(rehearsal.lost)
        named += len(rehearsal.strangers)
        changed |= {change.partition(":")[0] for change in rehearsal.changes}
    assert lost > named > 0
    assert {"stock", "waiting"} <= changed


def test_failover_without_reconciliation_is_found(cloud: OfflineCloud) -> None:
    seeds = (*SEEDS, *MORE_SEEDS)
    assert any(CarelessFailover(cloud, seed).outcome().violation for seed in seeds)


class ForgetfulState(LaggingLog):
    """A failover whose report leaves out the payment attempts without an order."""

    def _state(self) -> dict[str, Any]:
        return {**super()._state(), "strangers": []}


def test_money_without_an_order_has_to_be_named(cloud: OfflineCloud) -> None:
    violation = ForgetfulState(cloud, SEEDS[0]).outcome().violation
    assert "money was taken for orders that no command names" in str(violation)
