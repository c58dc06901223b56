"""The deadline of orders: once a minute, cancel every order that has been open for too long."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders import store
from functions.orders.completion import cancel, mark_shipped
from functions.orders.domain import AlreadyShippedError
from functions.orders.store import UnknownOrderError
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import RefusedError
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

RESERVE_MS = 4 * MAXIMUM_CALL_MS
"""Time to claim, read twice and cancel one more order; with less left, the run stops and defers the rest."""

MAXIMUM_ORDERS = 2_000
"""Orders that one run reads: more than it has time to cancel."""

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
    orders = list(islice(store.due(due), MAXIMUM_ORDERS))
    _count_overdue(sum(since < due - GRACE_PERIOD for _, since in orders))
    timed_out, failed = 0, 0
    for order_id, since in orders:
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            telemetry.count("Deferred")
            break
        log_context = LogContext(subject=order_id)
        try:
            opened_at = store.take(order_id, before=due)
            if opened_at is None:
                continue
            if opened_at < due - GRACE_PERIOD <= since:
                _count_overdue(1)  # an earlier run claimed the order and failed to cancel it
            created = _creation_of(order_id)
            log_context = LogContext.of_cause(created.as_cause(), subject=order_id)
            timed_out += _time_out(order_id, created)
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


def _creation_of(order_id: str) -> Event[Fact]:
    created = store.creation_of(order_id)
    if created is None:
        raise UnknownOrderError("no such order")
    return created


def _time_out(order_id: str, created: Event[Fact]) -> bool:
    """Cancel the order; return False if it was cancelled, shipped or changed meanwhile."""
    try:
        appended = cancel(order_id, "timed_out", cause=created.as_cause())
    except AlreadyShippedError:
        mark_shipped(order_id)  # before the event arrives, so that the order leaves the index
    except RefusedError:
        telemetry.count("Overtaken")  # by another decision; the next run looks at the order again
    else:
        return appended is not None and appended.is_new
    return False
