"""Tables are lost in the middle of a run and restored; every invariant holds at its end (docs/restore.md)."""

from typing import Any

import pytest

from pocketcloud import OfflineCloud
from tests.simulation.restore_drill import RestoreDrill

SEEDS = (1, 10)
"""The log among the lost tables; and all lost but the log."""
REPAIRED = ("put back into the log", "stock: ", "waiting: ", "attempts: ")


class ForgetfulDrill(RestoreDrill):
    """A drill that leaves one command out."""

    forgotten: tuple[str, ...] = ()

    def _orderbus(self, *arguments: Any) -> None:
        if arguments[: len(self.forgotten)] != self.forgotten:
            super()._orderbus(*arguments)


def test_invariants_hold_after_tables_are_restored(cloud: OfflineCloud) -> None:
    drills: list[RestoreDrill] = []
    for seed in SEEDS:
        drills.append(RestoreDrill(cloud, seed))
        assert drills[-1].outcome().violation is None, "\n".join(drills[-1].log)
    lines = [line for drill in drills for line in drill.log]
    assert [each for each in REPAIRED if not any(each in line for line in lines)] == []


@pytest.mark.parametrize(("seed", "forgotten"), [(1, "events"), (10, "state")])
def test_drill_fails_when_a_command_is_left_out(cloud: OfflineCloud, seed: int, forgotten: str) -> None:
    drill = ForgetfulDrill(cloud, seed)
    drill.forgotten = ("restore", forgotten)
    assert drill.outcome().violation is not None
