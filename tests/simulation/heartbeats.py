"""Run a stage with a heartbeat: synthetic orders arrive on their schedule, in the middle of the faults.

`python -m tests.simulation.heartbeats --seeds 100` runs more seeds.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typer

from app import PATHS
from functions.contracts import heartbeat
from functions.heartbeat.schedule import CUSTOMER
from infrastructure.synthesis import synthesise
from pocketcloud import Kind, OfflineCloud
from pocketcloud.cloudwatch.alarm_state import AlarmState
from pocketcloud.core.engine import ACCOUNT
from pocketcloud.virtual_time.clock import START
from tests.assemblies import settings_of_stages
from tests.simulation.ledger import BrokenError
from tests.simulation.run import DEADLINE, Run
from tests.simulation.tables import PREFIX

MINUTE = timedelta(minutes=1)
EVERY_MINUTES, MISSING_MINUTES = 5, 12
SCHEDULE, ALARM = f"{PREFIX}heartbeat", f"{PREFIX}heartbeat-missing"
FIRED_LATER = "no synthetic order was shipped for a while, and the alarm fired"
NOTICED = timedelta(minutes=MISSING_MINUTES + 8)
"""The limit, the alarm's period of five minutes, and three for a late metric."""
FAULTS = timedelta(minutes=40)
"""Minimum time with faults: several synthetic orders, and an alarm if none is shipped."""
Event = dict[str, Any]


def settings() -> dict[str, Any]:
    """Return the settings of a stage with a heartbeat and the alarm of production."""
    alarms = settings_of_stages()["stages"]["dev"]["alarms"]
    alarms |= {"heartbeat_missing_minutes": MISSING_MINUTES, "evaluation_periods": 1}
    return {"heartbeat_minutes": EVERY_MINUTES, "alarms": alarms}


class HeartbeatRun(Run):
    """One seed with a heartbeat; I15 holds at its end."""

    maximum_steps = 2_000

    def __init__(
        self, cloud: OfflineCloud, seed: int, script: Sequence[int] | None = None, *, thorough: bool = False
    ) -> None:
        cloud.clock.restart(START - MINUTE)  # the schedule depends on the time of day
        super().__init__(cloud, seed, script, thorough=thorough)
        self.synthetic: set[str] = set()
        """The synthetic orders that were created."""

    def _is_idle(self) -> bool:
        return super()._is_idle() and self.cloud.clock.now() - self.trace.began > FAULTS

    def _record_states_of_journal(self) -> None:
        super()._record_states_of_journal()
        self.synthetic = {order for order in self.ledger.model.orders if self._is_synthetic(order)}
        violations = [
            *self._placed(),
            *self._no_sales(),
            *self._free(),
            *self._completed_or_alarmed(),
        ]
        if violations:
            raise BrokenError("; ".join(violations))
        fired = [change for change in self._alarms() if change.after is AlarmState.ALARM]
        if len(fired) > 1:  # the first one is before the first order
            self.trace.saw(FIRED_LATER)

    def _replayed(self) -> None:
        """Replay when no order waits for its deadline and none arrives: the replay causes neither."""
        events = self.cloud.client("events")
        events.disable_rule(Name=SCHEDULE)
        try:
            self.cloud.advance(seconds=DEADLINE.total_seconds())
            super()._replayed()
        finally:
            events.enable_rule(Name=SCHEDULE)

    def _is_synthetic(self, order_id: str) -> bool:
        lines = self.ledger.model.orders[order_id].facts["OrderCreated"]["lines"]
        return {line["sku"] for line in lines} == {heartbeat.SKU}

    def _placed(self) -> Iterator[str]:
        """Check that each synthetic order on the bus is in the log and is marked, and no other order is."""
        accepted = {
            hop.event.subject
            for hop in self.cloud.journal.hops
            if hop.kind is Kind.ACCEPTED and hop.event and hop.event.type == "CheckoutCompleted"
        }
        placed = accepted & self._starts().keys()
        if placed != self.synthetic:
            yield f"I15 placed and created synthetic orders differ: {sorted(placed ^ self.synthetic)}"
        for order_id, order in self.ledger.model.orders.items():
            if heartbeat.is_synthetic(order.customer_id) != (order_id in self.synthetic):
                yield f"I15 order {order_id} has the customer {order.customer_id}"

    def _no_sales(self) -> Iterator[str]:
        """Check that a synthetic order counts as no sale, and that its end is not counted."""
        sold = {row["order_id"] for row in self.tables.rows("sales")}
        if counted := sold & self.synthetic:
            yield f"I15 synthetic orders count as sales: {sorted(counted)}"
        orders = len(self.ledger.model.orders) - len(self.synthetic)
        ended = self._count("OrderEnded")
        if ended > orders:
            yield f"I15 {ended:.0f} ends of {orders} orders were counted, so synthetic ones are among them"

    def _count(self, name: str) -> float:
        """Return the sum of a metric over its outcomes since the beginning of the run."""
        start = self.trace.began.replace(second=0, microsecond=0)
        end = self.cloud.clock.now() + MINUTE
        known = [metric for metric in self.cloud.metrics.known() if metric.name == name]
        found = [self.cloud.metrics.measured(metric, start, end) for metric in known]
        return sum(each.statistic("Sum") for each in found if each)

    def _free(self) -> Iterator[str]:
        """Check that the payment provider gets no request, and no customer an email."""
        for what in self.tables.statement():
            if what.split(" ")[1] in self.synthetic:
                yield f"I15 a synthetic order moved money: {what}"
        for order_id in self.synthetic:
            order = self.ledger.model.orders[order_id]
            if order.total["amount"]:
                yield f"I15 synthetic order {order_id} costs {order.total}"
        for email in self.cloud.mails:
            is_about_it = any(order_id in email.subject for order_id in self.synthetic)
            if is_about_it != (email.to == (heartbeat.EMAIL,)):
                yield f"I15 {email.subject!r} went to {email.to}"

    def _completed_or_alarmed(self) -> Iterator[str]:
        """Check that the alarm is in ALARM while no synthetic order is shipped for longer than the limit."""
        shipped = {
            str(event["subject"]): datetime.fromisoformat(event["time"])
            for event in self.ledger.events.values()
            if event["type"] == "ShipmentScheduled" and event["subject"] in self.synthetic
        }
        starts = self._starts()
        latest = self.trace.began
        for order_id, time in [
            *sorted(shipped.items(), key=lambda each: each[1]),
            ("", self.cloud.clock.now()),
        ]:
            if time - latest > NOTICED and not self._alarmed(latest, time):
                yield f"I15 no synthetic order was shipped from {latest} to {time}, and no alarm fired"
            latest = max(latest, starts.get(order_id, latest))

    def _starts(self) -> dict[str, datetime]:
        """Return when each order of the last hours was due, by its id."""
        minutes = range(int((self.cloud.clock.now() - self.trace.began) / MINUTE) + 2)
        times = [self.trace.began.replace(second=0, microsecond=0) + timedelta(minutes=n) for n in minutes]
        return {heartbeat.order_of(ACCOUNT, CUSTOMER, heartbeat.key_of(time)): time for time in times}

    def _alarmed(self, start: datetime, end: datetime) -> bool:
        """Return whether the alarm was in ALARM at any time between the two."""
        changes = [change for change in self._alarms() if change.at <= end]
        before = [change for change in changes if change.at <= start]
        fired = any(change.after is AlarmState.ALARM for change in changes if change.at > start)
        return fired or bool(before and before[-1].after is AlarmState.ALARM)

    def _alarms(self) -> list[Any]:
        return [change for change in self.cloud.alarms.changes if change.alarm == ALARM]


def main(*, seeds: int = 20, first: int = 0) -> None:
    """Run the seeds; print the violation of each, and exit with 1 if there is one."""
    context = settings_of_stages()
    context["stages"]["dev"] |= settings()
    broken = 0
    with TemporaryDirectory() as folder:
        synthesise(Path(folder), context={**context, **PATHS}, is_validated=False)
        with OfflineCloud.start(assembly=Path(folder)) as cloud:
            for seed in range(first, first + seeds):
                run = HeartbeatRun(cloud, seed)
                violation = run.outcome().violation
                broken += violation is not None
                orders = len(run.synthetic)
                typer.echo(f"seed {seed}, {orders} synthetic orders: {violation or 'all invariants hold'}")
    raise typer.Exit(code=broken > 0)


if __name__ == "__main__":
    typer.run(main)
