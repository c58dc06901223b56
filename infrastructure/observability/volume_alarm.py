"""The alarm on more or fewer publications of a fact than usual."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.overview import VolumeAlarmRow
from infrastructure.observability.stage_alarms import described, metric_of, notify, setting


class VolumeAlarm(Construct):
    """Fires when the row's fact is published in numbers that CloudWatch's model does not expect.

    SNS counts messages, and sends no metric for an idle topic. The alarm thus sees fewer facts,
    and no facts at all only while some still come in.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, row: VolumeAlarmRow) -> None:
        super().__init__(scope, construct_id)
        alarm = cloudwatch.AnomalyDetectionAlarm(
            self,
            "Resource",
            alarm_name=stage.names.of(row.name),
            alarm_description=described(stage, row, row.meaning),
            metric=metric_of(stage, row.metric, {"TopicName": stage.names.topic(row.fact)}),
            std_devs=setting(stage, row.threshold),
            evaluation_periods=setting(stage, row.evaluation_periods),
            datapoints_to_alarm=2,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notify(alarm, stage=stage)
