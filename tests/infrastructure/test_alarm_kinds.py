"""An alarm says what it means, how soon somebody has to look, and which page of the runbook to open."""

import pytest

from infrastructure.alarm_kinds import AlarmKind, Urgency
from tests.infrastructure.graph import Graph

ENDINGS = {f" {kind.urgency} docs/runbook.md#{kind.value}": kind for kind in AlarmKind}


def kind_of(description: str) -> AlarmKind | None:
    """By the words that the description ends with."""
    return next((kind for ending, kind in ENDINGS.items() if description.endswith(ending)), None)


@pytest.mark.parametrize("stage", ["dev", "prod", "stripe"])
def test_every_alarm_s_description_ends_with_its_page(request: pytest.FixtureRequest, stage: str) -> None:
    graph: Graph = request.getfixturevalue(stage)
    alarms = [*graph.of("CloudWatch::Alarm"), *graph.of("CloudWatch::CompositeAlarm")]
    assert alarms
    for alarm in alarms:
        description = alarm.properties["AlarmDescription"]
        assert kind_of(description) is not None, (alarm.name, description)
        assert len(description) <= 1024


def test_what_threatens_money_or_says_that_somebody_cheats_wakes_somebody() -> None:
    for kind in (
        "payment-mismatch",
        "payment-declines",
        "payment-unexpected",
        "refund-unexpected",
        "forged",
        "not-dead-lettered",
    ):
        assert AlarmKind(kind).urgency is Urgency.PAGE
