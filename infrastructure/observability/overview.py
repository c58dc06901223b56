"""Alarms and graphs across all services that one application adds, as data. No CDK."""

from dataclasses import dataclass

from infrastructure.observability.alarm_row import AlarmRow, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowAlarmRow:
    """An alarm that fires while the application's main process waits anywhere."""

    name: str
    kind: str
    severity: Severity
    meaning: str
    services: tuple[str, ...]
    """The services of the process: the delays of their queues and events fire the alarm."""
    alarms: tuple[str, ...] = ()
    """Further alarms that fire it, by their names without the stage's prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeAlarmRow(AlarmRow):
    """An alarm on more or fewer publications of one fact than usual; a threshold of null omits it."""

    fact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRow:
    """A graph of a metric that functions count, of all services."""

    title: str
    metric: str
    by: str | None = None
    """A dimension besides the service."""
    statistic: str = "Sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One application's alarms and dashboard across its services."""

    flow: FlowAlarmRow
    volume: VolumeAlarmRow | None = None
    dashboard: str
    """The name of the dashboard, without the stage's prefix."""
    question: str
    """The title of the flow alarm's state on the dashboard."""
    graphs: tuple[tuple[GraphRow, ...], ...] = ()
    """The rows of the dashboard below it."""
