"""An alarm as a row of data. No CDK."""

from dataclasses import dataclass, field
from enum import StrEnum

from infrastructure.tables import Condition


class Severity(StrEnum):
    """The time within which a person must act."""

    PAGE = "page"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRow:
    """A metric without its dimensions."""

    name: str
    namespace: str | None = None
    """None: the stage's own, where functions count."""
    statistic: str = "Sum"
    period_minutes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRow:
    """An alarm that fires while a metric is at or above a threshold."""

    id: str
    """The path of its construct. It is part of the logical id: do not change it."""
    name: str
    """The suffix after the name of the resource or service: `orderbus-dev-orders-NAME`."""
    kind: str
    """The anchor of its section in the runbook; several alarms may share one."""
    severity: Severity
    metric: MetricRow
    threshold: int | str = 1
    """A number, or the setting in `alarms` of cdk.json."""
    unit: int = 1
    """Units of the metric in one unit of the threshold."""
    evaluation_periods: int | str = 1
    """A number, or the setting in `alarms` of cdk.json."""
    fires_below: bool = False
    """Whether it fires below the threshold instead."""
    fires_without_data: bool = False
    """Whether it fires while the metric is missing, too: for a metric that must never stop."""
    only_when: Condition = field(default_factory=dict)
    is_essential: bool = False
    """Whether a stage that has only the essential alarms has this one."""
    meaning: str
    """May name {name} (the resource), {service}, {function} and {threshold}."""


def description(meaning: str, severity: Severity, runbook: str, kind: str) -> str:
    """An alarm's description: its meaning, its severity and the link to its section of the runbook."""
    return f"{meaning} Severity: {severity}. {runbook}#{kind}"
