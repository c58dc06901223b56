"""The figures of a run."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from cli.demo.deployment import deployed_names
from cli.demo.purchases import RejectedRow
from cli.demo.run import DemoRun
from infrastructure.topology import FACTS
from pocketcloud.cloud import OfflineCloud
from pocketcloud.core.journal import Undelivered


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoReport:
    """The figures of one run; all but the two in real time repeat with the seed."""

    seed: int
    orders_in: int
    terminal: dict[str, int]
    cancellations: dict[str, int]
    facts: dict[str, int]
    deliveries: int
    undelivered: int
    undelivered_reasons: dict[str, int]
    mails: int
    aws_requests_per_order: dict[str, float]
    orders_per_second: float
    seconds: float
    rejected_rows: int
    rejected: tuple[RejectedRow, ...]

    def as_json(self) -> dict[str, Any]:
        """Return one JSON object."""
        return asdict(self)


def report_on(cloud: OfflineCloud, run: DemoRun, *, seed: int, rejected: Sequence[RejectedRow]) -> DemoReport:
    """Add up the run, the journal and the event log."""
    orders = run.outcomes.orders_in
    facts = run.outcomes.facts + Counter({"CheckoutCompleted": run.checkouts})
    undelivered = Counter(f"{one.where}: {one.reason}" for one in _lost(cloud))
    return DemoReport(
        seed=seed,
        orders_in=orders,
        terminal=run.outcomes.terminal,
        cancellations=dict(sorted(run.outcomes.reasons.items())),
        facts=dict(sorted(facts.items())),
        deliveries=len(cloud.deliveries),
        undelivered=undelivered.total(),
        undelivered_reasons=dict(undelivered.most_common()),
        mails=len(cloud.mails),
        aws_requests_per_order={
            call: round(number / max(1, orders), 3) for call, number in sorted(cloud.calls.counts.items())
        },
        orders_per_second=round(orders / run.seconds, 2),
        seconds=round(run.seconds, 3),
        rejected_rows=len(rejected),
        rejected=tuple(rejected),
    )


def _lost(cloud: OfflineCloud) -> Iterator[Undelivered]:
    """Yield what was not delivered, except facts that have no consumer yet."""
    names = deployed_names(cloud.outputs)
    unsubscribed = {f"topic/{names.topic(fact.name)}" for fact in FACTS if fact.no_consumer_because}
    return (one for one in cloud.undelivered if one.where not in unsubscribed)
