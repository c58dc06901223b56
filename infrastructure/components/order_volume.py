"""More orders than usual, or fewer."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind, described
from infrastructure.components.alarm import tell
from infrastructure.stage import Stage


class OrderVolume(Construct):
    """Rings when `OrderCreated` is published in numbers that CloudWatch's model does not expect.

    SNS counts what is published; it says nothing of a topic where nothing is. So this hears of fewer orders,
    and of none at all only as long as some still come in.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, deviations: int) -> None:
        super().__init__(scope, construct_id)
        alarm = cloudwatch.AnomalyDetectionAlarm(
            self,
            "Resource",
            alarm_name=stage.names.order_volume,
            alarm_description=described(
                "Orders come in more often than CloudWatch has learnt to expect, or more rarely.",
                AlarmKind.ORDER_VOLUME,
            ),
            metric=cloudwatch.Metric(
                namespace="AWS/SNS",
                metric_name="NumberOfMessagesPublished",
                dimensions_map={"TopicName": stage.names.topic("OrderCreated")},
                period=Duration.minutes(5),
                statistic="Sum",
            ),
            std_devs=deviations,
            evaluation_periods=3,
            datapoints_to_alarm=2,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_LOWER_OR_GREATER_THAN_UPPER_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        tell(alarm, stage=stage)
