"""Alarms that notify a stage's alarm topic: one loop over the rows of a table."""

from collections.abc import Iterable, Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import topic_arn
from infrastructure.observability.alarm_row import AlarmRow, MetricRow, description
from infrastructure.observability.overview import FlowAlarmRow

AT_OR_ABOVE = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
BELOW = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class StageAlarm(Construct):
    """Fires at or above a row's threshold, or below it, and notifies again when that ends."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        row: AlarmRow,
        alarm_name: str,
        metric: cloudwatch.Metric,
        words: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        threshold = setting(stage, row.threshold)
        meaning = row.meaning.format(threshold=threshold, **words)
        self.alarm = cloudwatch.Alarm(
            self,
            "Resource",
            alarm_name=alarm_name,
            alarm_description=described(stage, row, meaning),
            metric=metric,
            threshold=threshold * row.unit,
            evaluation_periods=setting(stage, row.evaluation_periods),
            comparison_operator=BELOW if row.fires_below else AT_OR_ABOVE,
            treat_missing_data=cloudwatch.TreatMissingData.BREACHING
            if row.fires_without_data
            else cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notify(self.alarm, stage=stage)


def add_alarms(
    scope: Construct,
    rows: Iterable[AlarmRow],
    *,
    stage: Stage,
    name: str,
    dimensions: Mapping[str, str],
    suffix: str = "",
    **words: str,
) -> dict[str, cloudwatch.Alarm]:
    """Add an alarm `<name>-<row's name><suffix>` for each row that the stage has, by the rows' ids."""
    return {
        row.id: StageAlarm(
            *_place(scope, row.id),
            stage=stage,
            row=row,
            alarm_name=f"{name}-{row.name}{suffix}",
            metric=metric_of(stage, row.metric, dimensions),
            words={"name": name, **words},
        ).alarm
        for row in rows
        if (row.is_essential or has_all_alarms(stage)) and stage.includes(row.only_when)
    }


def has_all_alarms(stage: Stage) -> bool:
    """Whether the stage has every alarm, not only the essential ones."""
    return stage.settings.alarms.selection == "all"


def metric_of(stage: Stage, row: MetricRow, dimensions: Mapping[str, str]) -> cloudwatch.Metric:
    """The metric of a row, with its dimensions."""
    return cloudwatch.Metric(
        namespace=row.namespace or stage.names.metrics,
        metric_name=row.name,
        dimensions_map=dict(dimensions),
        period=Duration.minutes(row.period_minutes),
        statistic=row.statistic,
    )


def setting(stage: Stage, value: int | str) -> int:
    """A row's number, or the stage's setting of that name."""
    return value if isinstance(value, int) else int(getattr(stage.settings.alarms, value))


def is_set(stage: Stage, value: int | str) -> bool:
    """Whether the stage's setting of that name is not null; a number always is."""
    return isinstance(value, int) or getattr(stage.settings.alarms, value) is not None


def described(stage: Stage, row: AlarmRow | FlowAlarmRow, meaning: str) -> str:
    """The description of a row's alarm, with a link to the application's runbook."""
    return description(meaning, row.severity, stage.application.runbook, row.kind)


def notify(alarm: cloudwatch.AlarmBase, *, stage: Stage) -> None:
    """Notify the stage's topic when the alarm fires and when it returns to OK."""
    topic = sns.Topic.from_topic_arn(alarm, "Topic", topic_arn(alarm, stage.names.alarm_topic))
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))


def _place(scope: Construct, path: str) -> tuple[Construct, str]:
    """The construct below the scope that the path ends in, with the last part of the path."""
    *parents, construct_id = path.split("/")
    for parent in parents:
        found = scope.node.try_find_child(parent)
        scope = found if isinstance(found, Construct) else Construct(scope, parent)
    return scope, construct_id
