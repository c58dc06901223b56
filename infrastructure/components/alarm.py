"""An alarm that tells the stage's alarm topic."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind, described
from infrastructure.arns import topic_arn
from infrastructure.stage import Stage


class StageAlarm(Construct):
    """Rings when a metric reaches its threshold, and says so again when it is over."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        alarm_name: str,
        kind: AlarmKind,
        description: str,
        metric: cloudwatch.Metric,
        threshold: int,
        evaluation_periods: int,
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarm = cloudwatch.Alarm(
            self,
            "Resource",
            alarm_name=alarm_name,
            alarm_description=described(description, kind),
            metric=metric,
            threshold=threshold,
            evaluation_periods=evaluation_periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        tell(self.alarm, stage=stage)


def tell(alarm: cloudwatch.AlarmBase, *, stage: Stage) -> None:
    """Have the alarm tell the stage's topic when it rings, and when that is over."""
    topic = sns.Topic.from_topic_arn(alarm, "Topic", topic_arn(alarm, stage.names.alarm_topic))
    alarm.add_alarm_action(actions.SnsAction(topic))
    alarm.add_ok_action(actions.SnsAction(topic))
