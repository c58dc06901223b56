"""Rehearse a failover to a region whose copy of the event log lacks the last seconds.

Other tables have them: their copies are newer. Queues and the archive are lost with the region.
`python -m tests.simulation.lagging_log --seeds 100 --show` runs more, and prints what was done in each.
"""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import typer

from cli.core.exit_codes import ExitCode
from pocketcloud import OfflineCloud
from tests.simulation import lost_tables
from tests.simulation.fault_profile import FaultProfile
from tests.simulation.ledger import BrokenError
from tests.simulation.restore_rehearsal import RestoreRehearsal, run_seeds
from tests.workflow.command_line import orderbus

LAG_SECONDS = (1, 2, 5, 30)
"""Time from the end of the copy to the last event."""
WITH_ARCHIVE = {"replay", "newer schema"}
"""Faults that need the archive, which is lost, or change it."""


class LaggingLog(RestoreRehearsal):
    """One seed whose log loses its last seconds for good; the invariants hold for what is left."""

    def __init__(self, cloud: OfflineCloud, seed: int) -> None:
        super().__init__(cloud, seed)
        self.thorough = False  # that would replay the archive
        self.lost: list[dict[str, Any]] = []
        """The lost events."""
        self.strangers: list[str] = []
        """The orders without an event that have a payment attempt."""
        self.changes: list[str] = []
        """The rows that differed from the log."""

    def _inject_faults(self, profile: FaultProfile) -> None:
        between_calls = tuple(fault for fault in profile.between_calls if fault not in WITH_ARCHIVE)
        super()._inject_faults(replace(profile, between_calls=between_calls))

    def _lose_and_restore(self) -> None:
        self._orderbus("restore", "stop", "--yes")
        self.cloud.settle()
        self.ledger.catch_up()
        self._sleep(timedelta(minutes=6).total_seconds())
        self._lose_queues()
        if self.ledger.events:
            self._lose_last_events()
        self._reconcile()
        self._orderbus("restore", "start", "--yes")
        since = (self.trace.began - timedelta(minutes=1)).isoformat(timespec="seconds")
        until = (self.cloud.clock.now() + timedelta(minutes=1)).isoformat(timespec="seconds")
        self._orderbus("republish", "--since", since, "--until", until, "--yes")

    def _lose_queues(self) -> None:
        for name in self.tables.queues():
            self.cloud.services.queues.purge(self.cloud.engine.sqs.queues[name])
        self.invariants.poison.clear()

    def _lose_last_events(self) -> None:
        latest = max(datetime.fromisoformat(event["time"]) for event in self.ledger.events.values())
        ends = latest - timedelta(seconds=self.choices.one_of(LAG_SECONDS))
        ends = max(ends, self._began).replace(microsecond=0)
        lost_tables.restore(self.cloud, lost_tables.DEV.event_log, ends)
        # Its newer records would reject an event that is decided again under the same id.
        lost_tables.restore(self.cloud, lost_tables.DEV.table("notifications", "contacts"), self._began)
        self.lost = self.ledger.lose_all_but(self.tables.log_ids())
        self._log(f"the event log ends at {ends}, and lacks {len(self.lost)} events")
        self._log(*(f"  lost: {event['type']} {event['subject']}" for event in self.lost))
        of = {
            fact: {event["subject"] for event in self.lost if event["type"] == fact}
            for fact in ("OrderCreated", "OrderCancelled")
        }
        self.invariants.accepted -= of["OrderCreated"]
        self.invariants.cancelled -= of["OrderCancelled"]
        for customer in self.customers.all:
            if customer.order_id in of["OrderCreated"]:
                customer.order_id = None  # who sees no order asks again

    def _reconcile(self) -> None:
        """Correct the tables twice: the second time finds nothing, and both name the same orders."""
        first, second = self._state(), self._state()
        self.strangers = first["strangers"]
        self.changes = [f"{each['table']}: {each['change']}" for each in first["changes"]]
        self._log(*(f"  {change}" for change in self.changes))
        self._log(*(f"  an attempt without an order: {order}" for order in self.strangers))
        if second["changes"] or second["strangers"] != first["strangers"]:
            raise BrokenError(f"a second `restore state` still finds {second}")
        charged = {what.split(" ")[1] for what in self.tables.statement()}
        if unnamed := charged - self.ledger.model.orders.keys() - set(self.strangers):
            raise BrokenError(f"money was taken for orders that no command names: {sorted(unnamed)}")

    @property
    def found(self) -> str:
        """The numbers of events lost and of orders named."""
        return f", {len(self.lost)} events lost, {len(self.strangers)} orders named"

    def _state(self) -> dict[str, Any]:
        code, out, err = orderbus("restore", "state", "--yes", "--json")
        if code not in {ExitCode.OK, ExitCode.INCOMPLETE}:
            raise BrokenError(f"orderbus restore state ended with {code}: {out}{err}")
        found: dict[str, Any] = json.loads(out)
        return found


def main(*, seeds: int = 20, first: int = 0, show: bool = False) -> None:
    """Run the seeds; print the log of those that break an invariant, or of all."""
    run_seeds(LaggingLog, range(first, first + seeds), show=show)


if __name__ == "__main__":
    typer.run(main)
