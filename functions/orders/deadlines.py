"""The deadline of orders: once a minute, what has been open for too long is cancelled."""

from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.orders import store
from functions.orders.calling_back import call_back, creation_of
from functions.orders.endings import note_shipment
from functions.orders.store import AlreadyShippedError, UnknownOrderError
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import RefusedError
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

RESERVE_MS = 4 * MAXIMUM_CALL_MS
"""Kept for the order at hand, which is taken, read twice and ended; the others stay due."""

AT_ONCE = 2_000
"""Orders read for one run, which is more than it has time to end; the next run reads the others."""

MARGIN = timedelta(minutes=5)
"""What is open for longer than its time and this has not been ended in several minutes, and is overdue."""

telemetry = telemetry_of("orders-deadlines")


class OverdueError(Exception):
    """Some orders are past their deadline and could not be ended."""


@telemetry.tracer.capture_lambda_handler(capture_response=False)
@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """End every order whose time had run out when the schedule fired; the event is EventBridge's own.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    """
    retries().serve(context, telemetry)
    due = datetime.fromisoformat(event["time"]) - timedelta(minutes=int(required("ORDER_TIMEOUT_MINUTES")))
    orders = list(islice(store.due(due), AT_ONCE))
    _say_overdue(sum(since < due - MARGIN for _, since in orders))
    ended, failed = 0, 0
    for order_id, since in orders:
        if context.get_remaining_time_in_millis() < RESERVE_MS:
            telemetry.count("Deferred")
            break
        trail = LogContext(subject=order_id)
        try:
            opened_at = store.take(order_id, before=due)
            if opened_at is None:
                continue
            if opened_at < due - MARGIN <= since:
                _say_overdue(1)  # it was taken before, and could not be ended then
            created = _creation_of(order_id)
            trail = LogContext.of_cause(created.as_cause(), subject=order_id)
            ended += _end(order_id, created)
        except Exception as error:  # noqa: BLE001 - one order that cannot be ended keeps no other open
            failed += 1
            telemetry.logger.warning("not ended", error_class=type(error).__name__, **trail.as_fields())
    telemetry.count("TimedOut", ended)
    if failed:
        raise OverdueError(f"{failed} orders are past their deadline")


def _say_overdue(orders: int) -> None:
    """At once, and not as the invocation ends: it may be cut off, by just what leaves them open."""
    telemetry.count("Overdue", orders)
    telemetry.metrics.flush_metrics()


def _creation_of(order_id: str) -> Event[Fact]:
    created = creation_of(order_id)
    if created is None:
        raise UnknownOrderError("no such order")
    return created


def _end(order_id: str, created: Event[Fact]) -> bool:
    """Cancel the order; answers whether it timed out, as it may have come to its end meanwhile."""
    try:
        appended = call_back(order_id, "timed_out", cause=created.as_cause())
    except AlreadyShippedError:
        # The news is late: it need not be waited for, and the order leaves the index.
        note_shipment(order_id)
    except RefusedError:
        telemetry.count("Overtaken")  # by another decision; the next minute sees what became of it
    else:
        return appended is not None and appended.is_new
    return False
