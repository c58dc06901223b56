"""The heartbeat: a service that places a synthetic order every few minutes, and its alarms. No CDK."""

from dataclasses import replace

from infrastructure.observability.alarm_row import AlarmRow, MetricRow, Severity
from infrastructure.services import Function, Service
from infrastructure.tables import IS_SET, Condition
from infrastructure.triggers import EveryMinute

WHERE_IT_BEATS: Condition = {"heartbeat_minutes": IS_SET}
SECONDS_PER_MINUTE = 60

HEARTBEAT_ALARMS = (
    AlarmRow(
        id="Missing/Alarm",
        name="missing",
        kind="heartbeat-missing",
        severity=Severity.PAGE,
        metric=MetricRow(name="HeartbeatAge", statistic="Minimum", period_minutes=5),
        threshold="heartbeat_missing_minutes",
        unit=SECONDS_PER_MINUTE,
        fires_without_data=True,
        is_essential=True,
        meaning="No synthetic order was shipped in the last {threshold} minutes: orders do not flow.",
    ),
    AlarmRow(
        id="Slow/Alarm",
        name="slow",
        kind="heartbeat-slow",
        severity=Severity.TICKET,
        metric=MetricRow(name="HeartbeatSeconds", statistic="p90", period_minutes=15),
        threshold="heartbeat_seconds",
        meaning="Synthetic orders take {threshold} seconds or more from checkout to shipment.",
    ),
)

SILENT_ALARMS = (
    # Of each consumer, as no order waits for fraud, notifications or views.
    AlarmRow(
        id="Silent/Alarm",
        name="silent",
        kind="consumer-silent",
        severity=Severity.TICKET,
        metric=MetricRow(name="Handled", period_minutes=15),
        fires_below=True,
        fires_without_data=True,
        only_when=WHERE_IT_BEATS,
        meaning="{service} has handled no event for 15 minutes, not even a synthetic order's.",
    ),
)


def silent_bridge(name: str) -> tuple[AlarmRow, ...]:
    """The alarm on the absence of events for a bridge that gets some of every order."""
    carries: Condition = {**WHERE_IT_BEATS, f"bridges.{name}.carries_orders": True}
    return tuple(replace(row, only_when=carries) for row in SILENT_ALARMS)


HEARTBEAT = Service(
    name="heartbeat",
    only_when=WHERE_IT_BEATS,
    functions=(
        Function(
            module="handler",
            trigger=EveryMinute("places a synthetic order every few minutes and measures the latest ones"),
            ingress_source="heartbeat",
            reads_event_log=True,
            settings={"HEARTBEAT_MINUTES": "heartbeat_minutes"},
            timeout_seconds=50,
            alarms=HEARTBEAT_ALARMS,
        ),
    ),
)

MONITORS = (HEARTBEAT,)
