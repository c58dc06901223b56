"""The deadline of orders: once a minute, cancel every order that has been open for too long."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts.orders import OrderCreated
from functions.orders import store, waiting
from functions.orders.completion import cancel
from functions.orders.domain import AlreadyShippedError
from functions.orders.waiting import WaitingOrder
from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

RESERVE_MS = 4 * MAXIMUM_CALL_MS
"""Time to claim, read and cancel one more order; with less left, the run stops and defers the rest."""

READING_RESERVE_MS = RESERVE_MS + 2_000
"""Time left at which a run stops looking for open orders, and cancels those that it has found."""

CHUNK = 100
"""Orders whose end is looked up at once."""
MAXIMUM_ORDERS = 2_000
"""Open orders that one run takes up: more than it has time to cancel."""

GRACE_PERIOD = timedelta(minutes=5)
"""An order still open this long after its deadline counts as overdue."""

telemetry = telemetry_of("orders-deadlines")


class OverdueError(Exception):
    """Some orders are past their deadline and could not be cancelled."""


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Cancel every order whose deadline had passed when the schedule fired.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    """
    retries().serve(context, telemetry)
    due = datetime.fromisoformat(event["time"]) - timedelta(minutes=int(required("ORDER_TIMEOUT_MINUTES")))
    orders = list(islice(_still_open(due, context), MAXIMUM_ORDERS))
    _count_overdue(sum(order.opened_at < due - GRACE_PERIOD for order in orders))
    timed_out, failed = 0, 0
    for order in orders:
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            telemetry.count("Deferred")
            break
        log_context = LogContext(subject=order.order_id)
        try:
            if not waiting.take(order, before=due):
                continue
            created = store.load(order.order_id)
            log_context = LogContext.of_cause(created.as_cause(), subject=order.order_id)
            timed_out += _time_out(created)
        except Exception as error:  # noqa: BLE001 - one order's failure must not keep the others open
            failed += 1
            telemetry.logger.warning("not ended", error_class=type(error).__name__, **log_context.as_fields())
    telemetry.count("TimedOut", timed_out)
    if failed:
        raise OverdueError(f"{failed} orders are past their deadline; see the warnings in the log")


def _count_overdue(orders: int) -> None:
    """Count and flush at once: a timeout of this function would lose the metric when it matters most."""
    telemetry.count("Overdue", orders)
    telemetry.metrics.flush_metrics()


def _still_open(due: datetime, context: LambdaContext) -> Iterator[WaitingOrder]:
    """Yield the due orders that are neither shipped nor cancelled; delete the rows of the others.

    Stop when time is short: the next run goes on from there, as the rows of ended orders are gone.
    """
    orders = waiting.due(due)
    while chunk := list(islice(orders, CHUNK)):
        ended = _ended(chunk)
        waiting.remove([order for order in chunk if order.order_id in ended])
        yield from (order for order in chunk if order.order_id not in ended)
        if len(chunk) == CHUNK and context.get_remaining_time_in_millis() < READING_RESERVE_MS:
            telemetry.count("Deferred")
            return


def _ended(orders: Sequence[WaitingOrder]) -> set[str]:
    """Return the orders that are shipped or cancelled; none if an event is unreadable: each is then tried."""
    try:
        return store.ended([order.order_id for order in orders])
    except (Rejected, UnknownFactError):
        return set()


def _time_out(created: Event[OrderCreated]) -> bool:
    """Cancel the order; return False if it was cancelled or shipped meanwhile."""
    try:
        appended = cancel(created.fact, "timed_out", cause=created.as_cause())
    except AlreadyShippedError:
        return False
    return appended is not None and appended.is_new
