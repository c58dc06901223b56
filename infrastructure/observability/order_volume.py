"""The alarm on more or fewer orders than usual."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.business_alarms import ORDER_VOLUME
from infrastructure.observability.stage_alarms import described, metric_of, notify, setting


class OrderVolumeAlarm(Construct):
    """Fires when `OrderCreated` is published in numbers that CloudWatch's model does not expect.

    SNS counts messages, and sends no metric for an idle topic. The alarm thus sees fewer orders,
    and no orders at all only while some still come in.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        row = ORDER_VOLUME
        alarm = cloudwatch.AnomalyDetectionAlarm(
            self,
            "Resource",
            alarm_name=stage.names.of(row.name),
            alarm_description=described(stage, row, row.meaning),
            metric=metric_of(stage, row.metric, {"TopicName": stage.names.topic("OrderCreated")}),
            std_devs=setting(stage, row.threshold),
            evaluation_periods=setting(stage, row.evaluation_periods),
            datapoints_to_alarm=2,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notify(alarm, stage=stage)
