"""Send orders to the offline cloud, and wait until all are shipped or cancelled."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.deployment import seed
from cli.demo.outcomes import OrderOutcomes, outcomes_of, read_event_log
from cli.demo.sample_orders import PRICES, SampleOrder, stock_for
from cli.demo.submit import MAX_ENTRIES, OrderSender
from infrastructure.names import Names
from pocketcloud.cloud import OfflineCloud
from pocketcloud.core.journal import Journal, Kind
from pocketcloud.virtual_time.scheduler import NotSettledError

MEAN_GAP_SECONDS = 0.4
"""The mean virtual time between two sample orders."""
BATCH_GAP_SECONDS = 60.0
"""The virtual time between two batches of one day's purchases."""
STEP_SECONDS = 0.5
STEPS = 20
"""The number of steps with a progress report; after them, such as for retries, the cloud settles at once."""


class FactCounter:
    """Counts the facts in the journal while the run lasts."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._read = 0
        self.facts: Counter[str] = Counter()

    def refresh(self) -> None:
        """Count the new entries of the journal."""
        hops = self._journal.hops[self._read :]
        self._read += len(hops)
        self.facts.update(hop.event.type for hop in hops if hop.kind is Kind.RECORDED and hop.event)

    @property
    def completed(self) -> int:
        """Return the number of shipped and cancelled orders."""
        return self.facts["ShipmentScheduled"] + self.facts["OrderCancelled"]


ProgressReport = Callable[[int, FactCounter], None]
"""Called with the number of orders sent and the facts so far."""


@dataclass(frozen=True, slots=True)
class DemoRun:
    """The result of a run."""

    outcomes: OrderOutcomes
    checkouts: int
    seconds: float


class OrderDriver:
    """Sends orders, and waits in virtual time until nothing is in flight."""

    def __init__(self, cloud: OfflineCloud, names: Names, *, random: Random, report: ProgressReport) -> None:
        self._cloud = cloud
        self._names = names
        self._random = random
        self._sender = OrderSender(cloud, names, random)
        self._counter = FactCounter(cloud.journal)
        self._report = report
        self._sent = 0
        self._checkouts = 0

    def run_samples(self, orders: Sequence[SampleOrder]) -> DemoRun:
        """Send the orders alternately to the HTTP API and to the ingress bus."""
        seed(self._cloud, self._names, PRICES, stock_for(orders))
        return self._run(lambda: self._alternate(orders))

    def run_purchases(self, orders: Sequence[SampleOrder]) -> DemoRun:
        """Send every order as a partner's checkout on its day."""
        seed(self._cloud, self._names, {}, stock_for(orders))
        return self._run(lambda: self._day_by_day(orders))

    def _run(self, send: Callable[[], None]) -> DemoRun:
        started = time.perf_counter()
        send()
        self._complete()
        seconds = time.perf_counter() - started
        outcomes = outcomes_of(read_event_log(self._cloud, self._names), self._sent)
        return DemoRun(outcomes, self._checkouts, seconds)

    def _alternate(self, orders: Sequence[SampleOrder]) -> None:
        for index, order in enumerate(orders):
            if index % 2:
                self._check_out([order])
            else:
                self._sender.place(order)
                self._count(1)
            self._cloud.advance(seconds=self._random.expovariate(1 / MEAN_GAP_SECONDS))

    def _day_by_day(self, orders: Sequence[SampleOrder]) -> None:
        for first in range(0, len(orders), MAX_ENTRIES):
            batch = orders[first : first + MAX_ENTRIES]
            self._wait_for(batch)
            self._check_out(batch)
            self._cloud.advance(seconds=BATCH_GAP_SECONDS)

    def _wait_for(self, batch: Sequence[SampleOrder]) -> None:
        """Advance virtual time to the batch's last order."""
        arrives = max((order.arrives for order in batch if order.arrives), default=self._cloud.clock.now())
        wait = (arrives - self._cloud.clock.now()).total_seconds()
        if wait > 0:
            self._cloud.skip(seconds=wait)

    def _check_out(self, orders: Sequence[SampleOrder]) -> None:
        self._sender.check_out(orders)
        self._checkouts += len(orders)
        self._count(len(orders))

    def _complete(self) -> None:
        for _ in range(STEPS):
            if self._counter.completed >= self._sent:
                break
            self._cloud.advance(seconds=STEP_SECONDS)
            self._count(0)
        try:
            self._cloud.settle()
        except NotSettledError as error:
            raise CommandError(
                f"The orders do not complete: {error}",
                hint="A consumer and its queue loop; check its retries.",
                code=ExitCode.OPEN_ORDERS,
            ) from error
        self._count(0)

    def _count(self, sent: int) -> None:
        self._sent += sent
        self._counter.refresh()
        self._report(self._sent, self._counter)
