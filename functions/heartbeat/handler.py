"""The schedule of the heartbeat: once a minute, measure the latest orders; every few minutes, place one."""

from datetime import datetime
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.contracts import heartbeat
from functions.contracts.shipping import ShipmentScheduled
from functions.heartbeat import schedule
from functions.heartbeat.entry import entry_of
from functions.heartbeat.schedule import CUSTOMER, Sending
from functions.shared.contracts.log_context import LogContext
from functions.shared.event_store.event_log import event_log
from functions.shared.runtime.clients import events
from functions.shared.runtime.environment import required
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import telemetry_of

SHIPMENT = (ShipmentScheduled.owner, ShipmentScheduled.decision)

telemetry = telemetry_of("heartbeat")


class NotPutError(Exception):
    """EventBridge did not take the event; Lambda tries again."""


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Send what is due when the schedule fires, then measure.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
    """
    retries().serve(context, telemetry)
    now, every = datetime.fromisoformat(event["time"]), int(required("HEARTBEAT_MINUTES"))
    account = context.invoked_function_arn.split(":")[4]
    if sending := schedule.due(now, every):
        _put(sending, account, now)
    _measure(schedule.pulse(_shipped(account, now, every), now))


def _put(sending: Sending, account: str, now: datetime) -> None:
    order_id = heartbeat.order_of(account, CUSTOMER, sending.key)
    entry = entry_of(sending.fact, bus=required("INGRESS_BUS"), order_id=order_id, time=now)
    result = events().put_events(Entries=[entry])["Entries"][0]
    if "ErrorCode" in result:
        raise NotPutError(result["ErrorCode"])


def _shipped(account: str, now: datetime, every: int) -> dict[datetime, datetime]:
    """Return the time of each shipment by the start of its order."""
    orders = {
        start: heartbeat.order_of(account, CUSTOMER, heartbeat.key_of(start))
        for start in schedule.starts(now, every)
    }
    shipments = event_log().histories([*orders.values()], [SHIPMENT])
    latest = next(iter(orders.values()))
    if not shipments[latest] and schedule.minutes_since_start(now, every):
        telemetry.logger.warning("not shipped", **LogContext(subject=latest).as_fields())
    return {start: shipments[order_id][0].time for start, order_id in orders.items() if shipments[order_id]}


def _measure(pulse: schedule.Pulse) -> None:
    """Measure the age of the latest shipped order, every minute, and the time of each order once."""
    _add("HeartbeatAge", pulse.age.total_seconds())
    for duration in pulse.durations:
        _add("HeartbeatSeconds", duration.total_seconds())


def _add(metric: str, seconds: float) -> None:
    telemetry.metrics.add_metric(name=metric, unit=MetricUnit.Seconds, value=seconds)
