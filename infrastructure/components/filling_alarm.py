"""What a canary has to hear of at once: that a function sets aside what comes in."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.own_metric import own_metric
from infrastructure.stage import Stage


def filling_alarms(
    scope: Construct, *, stage: Stage, function_name: str, service: str
) -> list[cloudwatch.Alarm]:
    """The alarm that rings at the first message that the function itself parks; none without a canary.

    A queue that has slept for six hours is measured up to fifteen minutes late, when the canary is over.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
    """
    if not stage.canary:
        return []
    filling = StageAlarm(
        scope,
        "Filling",
        stage=stage,
        alarm_name=f"{function_name}-dlq-filling",
        kind=AlarmKind.DEAD_LETTERS,
        description=f"{function_name} has just set events aside: find out why, then redrive them.",
        metric=own_metric(stage, "DeadLettered", service=service),
        threshold=stage.alarms.dead_letters,
        evaluation_periods=1,
    )
    return [filling.alarm]
