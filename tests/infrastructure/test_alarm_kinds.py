"""An alarm's description has its meaning, its severity and the link to the runbook."""

import pytest

from infrastructure.alarm_kinds import ROWS, AlarmKind
from infrastructure.observability.alarm_row import Severity
from tests.infrastructure.graph import Graph

SUFFIXES = {f" Severity: {kind.severity}. docs/runbook.md#{kind.value}": kind for kind in AlarmKind}


def kind_of(description: str) -> AlarmKind | None:
    """By the words that the description ends with."""
    return next((kind for suffix, kind in SUFFIXES.items() if description.endswith(suffix)), None)


@pytest.mark.parametrize("stage", ["watched", "prod", "stripe"])
def test_alarm_description_ends_with_severity_and_runbook_link(
    request: pytest.FixtureRequest, stage: str
) -> None:
    graph: Graph = request.getfixturevalue(stage)
    alarms = [*graph.of("CloudWatch::Alarm"), *graph.of("CloudWatch::CompositeAlarm")]
    assert alarms
    for alarm in alarms:
        description = alarm.properties["AlarmDescription"]
        assert kind_of(description) is not None, (alarm.name, description)
        assert len(description) <= 1024


def test_alarms_on_money_and_forgery_page() -> None:
    for kind in (
        "payment-mismatch",
        "payment-declines",
        "payment-unexpected",
        "refund-unexpected",
        "forged",
        "not-dead-lettered",
    ):
        assert AlarmKind(kind).severity is Severity.PAGE


def test_rows_of_one_kind_have_one_severity() -> None:
    assert {row.kind for row in ROWS} == set(AlarmKind)
    for row in ROWS:
        assert AlarmKind(row.kind).severity == row.severity
