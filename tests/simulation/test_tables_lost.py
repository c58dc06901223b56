"""Tables are lost in the middle of a run and restored; every invariant holds at its end (docs/restore.md)."""

import re
from typing import Any

import pytest

from pocketcloud import OfflineCloud
from tests.simulation.restore_rehearsal import RestoreRehearsal

SEEDS = (3, 34)
"""The log among the lost tables; and all lost but the log."""
MORE_SEEDS = range(20, 60)
"""Run while those above repair too little, because the code has changed."""
REPAIRED = (r"[1-9]\d* put back into the log", "stock: ", "waiting: ", "attempts: ", "claims: ")


class ForgetfulRehearsal(RestoreRehearsal):
    """A rehearsal that leaves one command out."""

    forgotten: tuple[str, ...] = ()

    def _orderbus(self, *arguments: Any) -> None:
        if arguments[: len(self.forgotten)] != self.forgotten:
            super()._orderbus(*arguments)


def test_invariants_hold_after_tables_are_restored(cloud: OfflineCloud) -> None:
    missing = set(REPAIRED)
    for seed in (*SEEDS, *MORE_SEEDS):
        if seed in MORE_SEEDS and not missing:
            break
        rehearsal = RestoreRehearsal(cloud, seed)
        assert rehearsal.outcome().violation is None, "\n".join(rehearsal.log)
        missing -= {each for each in missing if re.search(each, "\n".join(rehearsal.log))}
    assert missing == set()


@pytest.mark.parametrize("forgotten", ["events", "state"])
def test_rehearsal_fails_when_a_command_is_left_out(cloud: OfflineCloud, forgotten: str) -> None:
    def is_broken(seed: int) -> bool:
        rehearsal = ForgetfulRehearsal(cloud, seed)
        rehearsal.forgotten = ("restore", forgotten)
        return rehearsal.outcome().violation is not None

    assert any(map(is_broken, (*SEEDS, *MORE_SEEDS)))
