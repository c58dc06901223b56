"""Alarms on what functions count themselves and nobody ought to see even once."""

from collections.abc import Mapping

from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.own_metric import own_metric
from infrastructure.names import kebab
from infrastructure.stage import Stage

FORGED = "Somebody passes for another: find out who can reach the bus, before anything is redriven."
NOT_DEAD_LETTERED = (
    "What cannot be handled cannot be set aside either; it comes again until its queue gives it up."
)


def first_count_rings(
    scope: Construct, *, stage: Stage, function_name: str, service: str, metrics: Mapping[str, str]
) -> None:
    """One alarm for each of a function's metrics, with what it means; it rings at the first count.

    Each such metric is a kind of alarm, with a page of its own in the runbook.
    """
    for name, meaning in metrics.items():
        StageAlarm(
            scope,
            name,
            stage=stage,
            alarm_name=f"{function_name}-{kebab(name)}",
            kind=AlarmKind(kebab(name)),
            description=meaning,
            metric=own_metric(stage, name, service=service),
            threshold=1,
            evaluation_periods=1,
        )
