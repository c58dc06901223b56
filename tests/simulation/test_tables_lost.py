"""Tables are lost in the middle of a run and restored; every invariant holds at its end (docs/restore.md)."""

from typing import Any

import pytest

from pocketcloud import OfflineCloud
from tests.simulation.restore_rehearsal import RestoreRehearsal

SEEDS = (3, 12)
"""The log among the lost tables; and all lost but the log."""
REPAIRED = ("put back into the log", "stock: ", "waiting: ", "attempts: ")


class ForgetfulRehearsal(RestoreRehearsal):
    """A rehearsal that leaves one command out."""

    forgotten: tuple[str, ...] = ()

    def _orderbus(self, *arguments: Any) -> None:
        if arguments[: len(self.forgotten)] != self.forgotten:
            super()._orderbus(*arguments)


def test_invariants_hold_after_tables_are_restored(cloud: OfflineCloud) -> None:
    rehearsals: list[RestoreRehearsal] = []
    for seed in SEEDS:
        rehearsals.append(RestoreRehearsal(cloud, seed))
        assert rehearsals[-1].outcome().violation is None, "\n".join(rehearsals[-1].log)
    lines = [line for rehearsal in rehearsals for line in rehearsal.log]
    assert [each for each in REPAIRED if not any(each in line for line in lines)] == []


@pytest.mark.parametrize(("seed", "forgotten"), [(3, "events"), (12, "state")])
def test_rehearsal_fails_when_a_command_is_left_out(cloud: OfflineCloud, seed: int, forgotten: str) -> None:
    rehearsal = ForgetfulRehearsal(cloud, seed)
    rehearsal.forgotten = ("restore", forgotten)
    assert rehearsal.outcome().violation is not None
