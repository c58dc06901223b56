"""One run: inject faults, end them, wait until nothing is in flight, and check the invariants."""

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from pocketcloud import OfflineCloud
from pocketcloud.virtual_time.scheduler import NotSettledError
from tests.simulation.calls import Calls
from tests.simulation.choices import Choices
from tests.simulation.customers import STOCK, Customer, Customers
from tests.simulation.environment_faults import EnvironmentFaults
from tests.simulation.fault_profile import NO_FAULTS, FaultProfile, random_profile
from tests.simulation.interleaving import Interleaving
from tests.simulation.invariants import Invariants
from tests.simulation.ledger import BrokenError, Ledger
from tests.simulation.rollout import Rollout
from tests.simulation.tables import Tables
from tests.simulation.trace import Step, Trace

MAXIMUM_STEPS = 400
"""Steps with faults; fewer if nothing is left to do."""
MAXIMUM_REDRIVES = 3
"""Redrives within which every order must end."""
THOROUGH_EVERY = 4
"""One seed of this many ends with a rebuild of the read model and a replay of the archive."""
MAXIMUM_CLOUD_STEPS = 20_000
FREQUENT = {"duplicate": 0.05, "delay": 0.1}
"""Weights of frequent faults; the others have 0.02, and a step of the cloud has 1."""
DEADLINE = timedelta(minutes=17)
"""Time after which an open order has been cancelled."""
MAXIMUM_WAITS = 12
"""Deadlines to wait for; within them reconciliation resolves every payment."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run."""

    seed: int
    violation: str | None
    digest: str
    choices: Sequence[int]
    steps: Sequence[Step]
    reached: Counter[str]
    calls: int
    judged: int
    faults: int = field(default=0)


class Run:
    """One seed on a cloud that was started; the run empties it first."""

    maximum_steps = MAXIMUM_STEPS

    def __init__(
        self, cloud: OfflineCloud, seed: int, script: Sequence[int] | None = None, *, thorough: bool = False
    ) -> None:
        cloud.reset(seed=seed)
        cloud.retry_after = None
        cloud.scheduler.max_steps = MAXIMUM_CLOUD_STEPS
        self.cloud = cloud
        self.seed = seed
        self.thorough = thorough or seed % THOROUGH_EVERY == 0
        self.choices = Choices(seed, script)
        self.trace = Trace(cloud.clock)
        self.interleaving = Interleaving(cloud)
        self.tables = Tables(cloud)
        self.ledger = Ledger(self.tables, STOCK, self.trace)
        self.calls = Calls(cloud, self.choices, self.interleaving, self.trace)
        self.invariants = Invariants(cloud, self.tables, self.ledger, self.calls)
        self.rollout = Rollout(cloud, seed, self.trace)
        self.customers = Customers(
            cloud, self.choices, self.interleaving, self.trace, self.invariants, self.rollout
        )
        self.environment = EnvironmentFaults(cloud, self.choices, self.calls, self.invariants, self.trace)

    def outcome(self) -> Outcome:
        """Run the seed and return its result."""
        violation = None
        sandboxes = self.cloud.services.runtime.sandboxes
        self.cloud.calls.middleware.append(self.calls)
        self.cloud.scheduler.execute, before = self._execute, self.cloud.scheduler.execute
        try:
            with warnings.catch_warnings():
                # Powertools warns of an invocation without metrics; Lambda only logs it.
                warnings.simplefilter("ignore")
                self._phases()
        except BrokenError as error:
            violation = str(error)
        except NotSettledError as error:
            violation = f"I11 no end: {error}"
        finally:
            self.interleaving.abandon()
            self.rollout.end()
            self.cloud.scheduler.execute = before
            sandboxes.skew = timedelta
            self.cloud.calls.middleware.remove(self.calls)
        return self._outcome(violation)

    def _phases(self) -> None:
        profile = random_profile(self.choices)
        self.customers.set_up()
        self.ledger.model.gifts = self.customers.gifts()
        self._inject_faults(profile)
        self._end_faults()
        self._wait_for_ends()
        self.invariants.at_the_end()
        self._record_states_of_journal()
        if self.thorough:
            self.invariants.read_model_is_the_fold()
            self._replayed()

    def _inject_faults(self, profile: FaultProfile) -> None:
        self.calls.profile = profile
        if profile.skewed:
            self.cloud.services.runtime.sandboxes.skew = self._skew
        for number in range(self.maximum_steps):
            self.rollout.step(number)
            self._take_step(profile)
            self.invariants.now()
            if self._is_idle():
                return

    def _execute(self, action: Callable[[], None]) -> None:
        self.interleaving.execute(action)
        self.invariants.now()

    def _take_step(self, profile: FaultProfile) -> None:
        """Choose one of the possible steps by weight, and run it."""
        steps: dict[str, Callable[[], None]] = {"time": self._time}
        weights: dict[str, float] = {"time": 1.0}
        if self.interleaving.has_concurrent_invocations():
            self.trace.saw("two invocations of one function at once")
        for index, waiting in enumerate(self.interleaving.ready()):
            steps[f"resume {index}"] = lambda waiting=waiting: self.interleaving.resume(waiting)  # type: ignore[misc]  # mypy 12557
            weights[f"resume {index}"] = 0.5
        for index, customer in enumerate(self.customers.all):
            name = f"customer {index}"
            steps[name] = lambda customer=customer: self._visit(customer)  # type: ignore[misc]  # mypy 12557
            weights[name] = 0.3 if customer.order_id is None else 0.01
        if self.customers.partners:
            steps["partner"], weights["partner"] = self.customers.check_out, 0.3
        for fault in profile.between_calls:
            steps[fault], weights[fault] = self.environment.faults[fault], FREQUENT.get(fault, 0.02)
        steps[self.choices.weighted(weights)]()

    def _time(self) -> None:
        """Run the step that is due next, or resume an invocation that cannot wait longer."""
        due, first = self.cloud.scheduler.next_due(), self.interleaving.first()
        if first is not None and (due is None or due > first.resume_by):
            self.cloud.clock.move_to(max(first.resume_from, self.cloud.clock.now()))
            self.interleaving.resume(first)
        elif due is not None:
            self.cloud.scheduler.step()

    def _visit(self, customer: Customer) -> None:
        if customer.order_id is None or self.choices.chance(0.3):
            self.customers.place_order(customer)
        else:
            self.customers.cancel(customer)

    def _is_idle(self) -> bool:
        """Return whether nothing is in flight and nobody has anything left to do."""
        busy = self.interleaving.waiting or self.customers.waiting() or self.customers.partners
        return not busy and self.cloud.scheduler.in_flight() == "nothing"

    def _end_faults(self) -> None:
        self.calls.profile = NO_FAULTS
        self.cloud.services.runtime.sandboxes.skew = timedelta
        self.environment.heal()
        self.interleaving.finish()
        for customer in self.customers.waiting():
            self.customers.place_order(customer)
        while self.customers.partners:
            self.customers.check_out()

    def _wait_for_ends(self) -> None:
        for _ in range(MAXIMUM_REDRIVES):
            self._wait_until_closed()
            if not self._dead_letters():
                return
            self.environment.redrive()
        self._wait_until_closed()

    def _wait_until_closed(self) -> None:
        """Wait until nothing is in flight or open; deadlines and reconciliation need time to pass."""
        for _ in range(MAXIMUM_WAITS):
            self.cloud.settle()
            if not self.invariants.still_open():
                return
            self.cloud.advance(seconds=DEADLINE.total_seconds())

    def _dead_letters(self) -> bool:
        return any(
            message.body not in self.invariants.poison
            for queue in self.tables.queues()
            if queue.endswith("-dlq")
            for message in self.tables.messages(queue)
        )

    def _replayed(self) -> None:
        """I10: a replay of the whole archive changes nothing."""
        before, emails = self.tables.everything(), len(self.cloud.mails)
        self.environment.replay_to_everyone()
        self.cloud.settle()
        after = self.tables.everything()
        changed = {
            name: set(after[name]) ^ set(before[name]) for name in before if after[name] != before[name]
        }
        if changed:
            raise BrokenError(f"I10 a replay of the archive changed {changed}")
        if len(self.cloud.mails) != emails and not self.invariants.emails_may_repeat:
            raise BrokenError("I10 a replay of the archive sent emails")

    def _record_states_of_journal(self) -> None:
        """Record the states that only the journal shows."""
        handled = Counter(
            (delivery.function, delivery.event.id)
            for delivery in self.cloud.deliveries
            if delivery.handled and delivery.event
        )
        if max(handled.values(), default=0) > 1:
            self.trace.saw("an event came again and changed nothing")
            if self.trace.reached["redrive"]:
                self.trace.saw("a redriven message was handled")

    def _skew(self) -> timedelta:
        skew = timedelta(seconds=self.choices.one_of((0, -5, 5)))
        if skew:
            self.trace.saw("clocks apart")
        return skew

    def _outcome(self, violation: str | None) -> Outcome:
        return Outcome(
            seed=self.seed,
            violation=violation,
            digest=self.trace.digest(),
            choices=tuple(self.choices.taken),
            steps=tuple(self.trace.steps),
            reached=self.trace.reached,
            calls=self.calls.writes,
            judged=self.invariants.judged,
            faults=sum(bool(step.fault) for step in self.trace.steps),
        )
