"""Crash a function at every place on a path: at the start of an invocation and after each call that writes.

A crash before a call leaves the same state as one after the previous call, and a crash after a read leaves
the same state as one before it. So neither is a place of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import combinations
from typing import Any

from pocketcloud import AwsCall, Crash, OfflineCloud
from pocketcloud.awslambda.execution import Execution
from tests.simulation.calls import Calls
from tests.simulation.choices import Choices
from tests.simulation.interleaving import Interleaving
from tests.simulation.invariants import Invariants
from tests.simulation.ledger import BrokenError, Ledger
from tests.simulation.paths import Path, opened
from tests.simulation.tables import Tables
from tests.simulation.trace import Trace
from tests.workflow.call_faults import READS, Proceed, call_fault
from tests.workflow.shop import STOCK

PROMPT = timedelta(seconds=25)
"""Time until an interrupted message is redelivered: short, so that most of the order is still ahead."""
POLLING = "dynamodb.Query"
"""The query that schedules make every minute: it changes nothing and is repeated."""
WAIT = timedelta(minutes=4)
MAXIMUM_WAITS = 20


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Before or after the effect of the n-th call."""

    nth: int
    after: bool


@dataclass
class CrashesAt:
    """Crash the caller once at each place; without places, only list the calls."""

    cloud: OfflineCloud
    places: Sequence[Place] = ()
    made: list[str] = field(default_factory=list)
    passed: list[Place] = field(default_factory=list)
    emails_at_risk: int = 0
    _last: Execution | None = None
    _emails: int = 0
    """Emails sent by the invocation; none of them may be recorded yet."""

    def __call__(self, call: AwsCall, proceed: Proceed) -> dict[str, Any]:
        if f"{call.service}.{call.operation}" == POLLING:
            return proceed()
        self.made.append(f"{call.function.removeprefix('orderbus-dev-')} {call.service}.{call.operation}")
        nth = len(self.made)
        if self._starts_invocation():
            self._emails = 0
            self._pass(Place(nth, after=False))
        response = proceed()
        self._emails += call.operation == "SendEmail"
        if not READS.match(call.operation):
            self._pass(Place(nth, after=True))
        return response

    def _starts_invocation(self) -> bool:
        execution = self.cloud.services.runtime.running()
        is_new, self._last = execution is not self._last, execution
        return is_new

    def _pass(self, place: Place) -> None:
        self.passed.append(place)
        if place in self.places:
            self.emails_at_risk += self._emails
            raise Crash


def places(cloud: OfflineCloud, path: Path) -> list[Place]:
    """Return every place on the path where a function can crash."""
    return calls_on(cloud, path).passed


def calls_on(cloud: OfflineCloud, path: Path) -> CrashesAt:
    """Return the calls and the places of the path without a crash."""
    crash, violation = walk(cloud, path, ())
    if violation:
        raise AssertionError(violation)
    return crash


def chosen(found: Mapping[str, CrashesAt], *, every: int) -> dict[str, list[Place]]:
    """Return each place on the first path that makes the call, and every `every`-th place on later ones.

    The paths begin alike: most calls are made on several of them.
    """
    seen: set[tuple[str, int, bool]] = set()
    places: dict[str, list[Place]] = {}
    for name, crash in found.items():
        new: list[Place] = []
        again: list[Place] = []
        for place in crash.passed:
            call = crash.made[place.nth - 1]
            known = (call, crash.made[: place.nth].count(call), place.after)
            (again if known in seen else new).append(place)
            seen.add(known)
        places[name] = sorted([*new, *again[::every]])
    return places


def pairs(found: Sequence[Place], *, every: int = 1) -> Iterator[tuple[Place, Place]]:
    """Return every `every`-th pair of places."""
    for number, pair in enumerate(combinations(found, 2)):
        if number % every == 0:
            yield pair


def walk(cloud: OfflineCloud, path: Path, at: Sequence[Place]) -> tuple[CrashesAt, str | None]:
    """Run the path with crashes at these places; return the calls and the final violations."""
    cloud.retry_after = PROMPT
    shop = opened(cloud)
    trace, tables = Trace(cloud.clock), Tables(cloud)
    ledger = Ledger(tables, STOCK, trace)
    calls = Calls(cloud, Choices(0, ()), Interleaving(cloud), trace)
    invariants = Invariants(cloud, tables, ledger, calls)
    crash = CrashesAt(cloud, at)
    try:
        with call_fault(cloud, calls), call_fault(cloud, crash):
            expected = path.go(shop)
            cloud.settle()
        with call_fault(cloud, calls):
            _wait_until_closed(cloud, invariants)
            calls.emails_at_risk = crash.emails_at_risk
            invariants.at_the_end()
    except BrokenError as error:
        return crash, str(error)
    ended = {order.status for order in ledger.model.orders.values()}
    if expected and ended != {expected}:
        return crash, f"ended as {ended}, not as {expected}"
    return crash, None


def _wait_until_closed(cloud: OfflineCloud, invariants: Invariants) -> None:
    for _ in range(MAXIMUM_WAITS):
        cloud.settle()
        if not invariants.still_open():
            return
        cloud.advance(seconds=WAIT.total_seconds())
