"""The steps of a synthetic order, awaited one after the other."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.core.account import Account
from cli.core.event_history import LoggedFact, facts_of
from cli.smoke.synthetic_order import SyntheticOrder
from cli.trace.deliveries import FINAL_OUTCOMES
from cli.trace.trace import Trace, trace_of

PATH = (
    ("OrderCreated", "orders"),
    ("InventoryReserved", "inventory"),
    ("PaymentProcessed", "payments"),
    ("OrderConfirmed", "orders"),
    ("ShipmentScheduled", "shipping"),
)
"""The facts of an order that succeeds, each with its publisher."""
BESIDE_IT = ("fraud", "notifications", "views")
"""The consumers that publish nothing of such an order: their logs say that they handled its events."""
ENDS = frozenset({"ShipmentScheduled", "OrderCancelled"})
POLL_SECONDS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeStep:
    """A step, the service that takes it, and when it was taken; None if it is missing."""

    name: str
    service: str
    at: datetime | None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepWait:
    """Maximum wait for a step."""

    timeout_seconds: int
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]

    def until(self, is_done: Callable[[], bool]) -> bool:
        """Poll until it is done; return False if that takes too long."""
        end = self.clock() + timedelta(seconds=self.timeout_seconds)
        while not is_done():
            if self.clock() >= end:
                return False
            self.sleep(POLL_SECONDS)
        return True


def steps_of(account: Account, order: SyntheticOrder, wait: StepWait) -> Iterator[SmokeStep]:
    """Place the order; yield each step as it is taken, and stop at the first that is missing."""
    order.deliver(account, wait.clock())
    if not wait.until(lambda: order.has_stock(account)):
        yield SmokeStep(name="StockAdded", service="inventory", at=None)
        return
    yield SmokeStep(name="StockAdded", service="inventory", at=wait.clock())
    order.check_out(account, wait.clock())
    for name, service in PATH:
        step = _taken(account, order, wait, name, service)
        yield step
        if step.at is None:
            return
    yield from _handled_beside(account, order, wait)


def _taken(account: Account, order: SyntheticOrder, wait: StepWait, name: str, service: str) -> SmokeStep:
    facts: list[LoggedFact] = []

    def is_over() -> bool:
        facts[:] = facts_of(account.client("dynamodb"), account.names, order.order_id).facts
        return any(fact.type == name or fact.type in ENDS for fact in facts)

    wait.until(is_over)
    found = {fact.type: fact for fact in facts}
    if name in found:
        return SmokeStep(name=name, service=service, at=found[name].time)
    ended = found.get("OrderCancelled")
    error = f"the order is cancelled: {ended.reason}" if ended else None
    return SmokeStep(name=name, service=service, at=None, error=error)


def _handled_beside(account: Account, order: SyntheticOrder, wait: StepWait) -> Iterator[SmokeStep]:
    """Yield each consumer beside the path; nothing if the stage logs no success."""
    traces: list[Trace] = []

    def is_over() -> bool:
        traces[:] = [trace_of(account, order.order_id)]
        return not _late(traces[0])

    wait.until(is_over)
    trace = traces[0]
    if trace.waiting_for is None:
        return
    for service in BESIDE_IT:
        function = account.names.function(service)
        times = [
            entry.at
            for entry in trace.entries
            if entry.function == function and entry.outcome in FINAL_OUTCOMES
        ]
        is_late = service in _late(trace)
        yield SmokeStep(name="handled", service=service, at=None if is_late else max(times, default=None))


def _late(trace: Trace) -> Sequence[str]:
    """The services that have not handled an event of the order, as far as the logs say."""
    waiting = trace.waiting_for or {}
    return sorted({service for services in waiting.values() for service in services})
