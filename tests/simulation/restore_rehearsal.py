"""Lose tables in the middle of a run, restore them to one time or to several, and reconcile them.

`python -m tests.simulation.restore_rehearsal --seeds 100 --show` runs more seeds, and prints their steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import typer

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.simulation import lost_tables
from tests.simulation.customers import STOCK
from tests.simulation.fault_profile import NO_FAULTS, FaultProfile
from tests.simulation.ledger import BrokenError
from tests.simulation.run import Run
from tests.workflow.command_line import orderbus
from tests.workflow.shop import delivery_entry

LATEST_STEP = 120
"""Maximum number of steps before the tables are lost."""
RESTORABLE = timedelta(minutes=6)
"""Point-in-time recovery lags by five minutes."""
FURTHEST_SECONDS = 900
ONLY_THE_LOG = 0.2
"""Share of runs that lose all tables but the event log, as a second region with a replica of it would."""
REPLAY_SLEEP = "cli.replay.commands.sleep"
BEFORE = timedelta(minutes=10)
"""Margin before the earliest restore time: an event's time is a little earlier than its row."""


class RestoreRehearsal(Run):
    """One seed that loses tables midway; all invariants must hold at its end."""

    def __init__(self, cloud: OfflineCloud, seed: int, script: Sequence[int] | None = None) -> None:
        super().__init__(cloud, seed, script)
        self.loss_step = self.choices.below(LATEST_STEP)
        self.log: list[str] = []
        """The steps of the restore, to print."""
        self._steps = 0
        self._is_rehearsing = False
        lost_tables.protect(cloud)
        orderbus("restore", "start", "--yes")  # a broken run may have ended in between

    def _inject_faults(self, profile: FaultProfile) -> None:
        self._stock_by_delivery()
        # That fault changes events on their way to the archive, which no relay does.
        between_calls = tuple(fault for fault in profile.between_calls if fault != "newer schema")
        super()._inject_faults(replace(profile, between_calls=between_calls))
        if self._steps <= self.loss_step:
            self._rehearse()

    def _take_step(self, profile: FaultProfile) -> None:
        self._steps += 1
        if self._steps > self.loss_step >= self._steps - 1:
            self._rehearse()
        super()._take_step(profile)

    def _execute(self, action: Callable[[], None]) -> None:
        """Check no invariant while tables are missing."""
        if self._is_rehearsing:
            self.interleaving.execute(action)
        else:
            super()._execute(action)

    def _stock_by_delivery(self) -> None:
        """Stock the shop by a delivery, so that all stock is in the log."""
        for sku in STOCK:
            key = {"sku": {"S": sku}}
            self.cloud.client("dynamodb").delete_item(TableName="orderbus-dev-stock", Key=key)
        self.ledger.model.available.clear()
        self.cloud.put_events([delivery_entry("stock", **STOCK)])
        self.cloud.settle()

    def _rehearse(self) -> None:
        profile, self.calls.profile = self.calls.profile, NO_FAULTS
        skew = self.cloud.services.runtime.sandboxes.skew
        self.cloud.services.runtime.sandboxes.skew = timedelta
        self.environment.heal()
        self.interleaving.finish()
        self._is_rehearsing = True
        with (
            patch("cli.restore.commands.sleep", self._sleep),
            patch(REPLAY_SLEEP, self._sleep),
        ):
            self._lose_and_restore()
        self._is_rehearsing = False
        self.invariants.emails_may_repeat = True
        self.trace.saw("tables were lost")
        self.calls.profile, self.cloud.services.runtime.sandboxes.skew = profile, skew
        self.invariants.now()

    def _lose_and_restore(self) -> None:
        self._orderbus("restore", "stop", "--yes")
        self.cloud.settle()  # the relay publishes what the log has
        self.ledger.catch_up()
        stopped_at = self.cloud.clock.now()
        self._sleep(RESTORABLE.total_seconds())
        times = self._restore_times(stopped_at)
        for name, time in times.items():
            self._log(f"{name} lost, restored to {time or 'its deletion'}")
            lost_tables.restore(self.cloud, name, time)
        earliest = min([stopped_at, *(time for time in times.values() if time)]) - BEFORE
        if lost_tables.DEV.event_log in times:
            self.ledger.restored()
        since = earliest.isoformat(timespec="seconds")
        self._orderbus("restore", "events", "--since", since, "--yes")
        if missing := self.ledger.events.keys() - self.tables.log_ids():
            raise BrokenError(f"a restored log lacks {len(missing)} events")
        self._orderbus("restore", "state", "--yes")
        self._orderbus("restore", "start", "--yes")
        until = (self.cloud.clock.now() + timedelta(minutes=1)).isoformat(timespec="seconds")
        self._orderbus("republish", "--since", since, "--until", until, "--yes")

    def _restore_times(self, stopped_at: datetime) -> dict[str, datetime | None]:
        """Choose the lost tables, and the time of each; None stands for the backup of a deleted table."""
        if self.choices.chance(ONLY_THE_LOG):
            self._log("only the event log is left")
            return {name: self._began for name in lost_tables.names() if name != lost_tables.DEV.event_log}
        chosen = [name for name in lost_tables.names() if self.choices.chance(0.6)]
        is_one = self.choices.chance(0.5)
        first = self._restore_time(stopped_at)
        return {name: first if is_one else self._restore_time(stopped_at) for name in chosen}

    def _restore_time(self, stopped_at: datetime) -> datetime | None:
        if self.choices.chance(0.2):
            return None
        # Not before this run: point-in-time recovery of its tables began with it.
        wanted = stopped_at - timedelta(seconds=self.choices.below(FURTHEST_SECONDS))
        return max(wanted, self._began).replace(microsecond=0)

    @property
    def found(self) -> str:
        """The text between the seed and its result: a plain rehearsal adds none."""
        return ""

    @property
    def _began(self) -> datetime:
        """The first second of the run's point-in-time recovery, in which all tables are empty."""
        return (self.trace.began + timedelta(seconds=1)).replace(microsecond=0)

    def _sleep(self, seconds: float) -> None:
        self.cloud.advance(seconds=seconds)

    def _orderbus(self, *arguments: Any) -> None:
        code, out, err = orderbus(*arguments)
        self._log(f"$ orderbus {' '.join(arguments)}", *out.splitlines(), *err.splitlines())
        if code != ExitCode.OK:
            raise BrokenError(f"orderbus {' '.join(arguments)} ended with {code}: {out}{err}")

    def _log(self, *lines: str) -> None:
        self.log += [f"{self.cloud.clock.now():%H:%M:%S} {line}" for line in lines]


def main(*, seeds: int = 20, first: int = 0, show: bool = False) -> None:
    """Run the seeds; print the log of those that break an invariant, or of all."""
    run_seeds(RestoreRehearsal, range(first, first + seeds), show=show)


def run_seeds(rehearsal: type[RestoreRehearsal], seeds: range, *, show: bool) -> None:
    """Print what each seed found; exit with 1 if one breaks an invariant."""
    broken = 0
    with OfflineCloud.start() as cloud:
        for seed in seeds:
            run = rehearsal(cloud, seed)
            violation = run.outcome().violation
            broken += violation is not None
            typer.echo(f"seed {seed}{run.found}: {violation or 'all invariants hold'}")
            if violation or show:
                typer.echo("\n".join(run.log))
    typer.echo(f"{len(seeds)} seeds, {broken} broken")
    raise typer.Exit(code=broken > 0)


if __name__ == "__main__":
    typer.run(main)
