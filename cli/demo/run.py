"""Carrying orders through the offline cloud from both doors to their ends."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.cloud import Cloud
from cli.demo.outcomes import Outcome, outcome_of, read_event_log
from cli.demo.progress import OutcomeMetrics
from cli.demo.sample_orders import PRICES, Order, stock_for
from cli.demo.seed_data import put_on_sale
from cli.demo.submit import BATCH, Doors
from infrastructure.names import Names
from pocketcloud.virtual_time.scheduler import NotSettledError

MEAN_GAP = 0.4
"""Seconds between two made-up orders, in virtual time."""
BATCH_GAP = 60.0
"""Seconds between two batches of one day's purchases, in virtual time."""
STEP = 0.5
STEPS = 20
"""So many steps are shown as they pass; what then is left, retries for instance, is settled at once."""

Watch = Callable[[int, OutcomeMetrics], None]
"""Called with the orders sent so far and the running count."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to."""

    outcome: Outcome
    checkouts: int
    seconds: float


class Driver:
    """Sends orders in and waits, in virtual time, until nothing is in flight."""

    def __init__(self, cloud: Cloud, names: Names, *, random: Random, watch: Watch) -> None:
        self._cloud = cloud
        self._names = names
        self._random = random
        self._doors = Doors(cloud, names, random)
        self._tally = OutcomeMetrics(cloud.journal)
        self._watch = watch
        self._sent = 0
        self._checkouts = 0

    def made_up(self, orders: Sequence[Order]) -> Run:
        """Every other order goes through the HTTP API, the others over the ingress bus."""
        put_on_sale(self._cloud, self._names, PRICES, stock_for(orders))
        return self._timed(lambda: self._alternate(orders))

    def history(self, orders: Sequence[Order]) -> Run:
        """Every order is a partner's checkout and arrives on its day."""
        put_on_sale(self._cloud, self._names, {}, stock_for(orders))
        return self._timed(lambda: self._day_by_day(orders))

    def _timed(self, send: Callable[[], None]) -> Run:
        began = time.perf_counter()
        send()
        self._carry()
        seconds = time.perf_counter() - began
        outcome = outcome_of(read_event_log(self._cloud, self._names), self._sent)
        return Run(outcome, self._checkouts, seconds)

    def _alternate(self, orders: Sequence[Order]) -> None:
        for index, order in enumerate(orders):
            if index % 2:
                self._check_out([order])
            else:
                self._doors.place(order)
                self._count(1)
            self._cloud.advance(seconds=self._random.expovariate(1 / MEAN_GAP))

    def _day_by_day(self, orders: Sequence[Order]) -> None:
        for first in range(0, len(orders), BATCH):
            batch = orders[first : first + BATCH]
            self._wait_for(batch)
            self._check_out(batch)
            self._cloud.advance(seconds=BATCH_GAP)

    def _wait_for(self, batch: Sequence[Order]) -> None:
        """Let time pass until the batch's last order has arrived; nobody orders meanwhile."""
        arrives = max((order.arrives for order in batch if order.arrives), default=self._cloud.clock.now())
        wait = (arrives - self._cloud.clock.now()).total_seconds()
        if wait > 0:
            self._cloud.skip(seconds=wait)

    def _check_out(self, orders: Sequence[Order]) -> None:
        self._doors.check_out(orders)
        self._checkouts += len(orders)
        self._count(len(orders))

    def _carry(self) -> None:
        for _ in range(STEPS):
            if self._tally.ended >= self._sent:
                break
            self._cloud.advance(seconds=STEP)
            self._count(0)
        try:
            self._cloud.settle()
        except NotSettledError as error:
            raise CommandError(
                f"The orders do not come to their end: {error}",
                hint="A consumer and its queue keep each other busy; look at its retries.",
                code=ExitCode.OPEN_ORDERS,
            ) from error
        self._count(0)

    def _count(self, sent: int) -> None:
        self._sent += sent
        self._tally.refresh()
        self._watch(self._sent, self._tally)
