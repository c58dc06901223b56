"""What the clock starts."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.service_function import ServiceFunction
from infrastructure.stage import Stage


class MinuteSchedule(Construct):
    """Invokes a function once a minute; a minute that is lost is made good by the next one.

    So it has no dead-letter queue: what it would keep there is nothing but the time. It rings at a lost one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        rule_name: str,
        description: str,
        function: ServiceFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        # Schedules are of the default bus: no other carries them out.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
        self.rule = events.CfnRule(
            self,
            "Resource",
            name=rule_name,
            description=description,
            schedule_expression="rate(1 minute)",
            state="ENABLED",
            targets=[events.CfnRule.TargetProperty(id="target", arn=function.alias.function_arn)],
        )
        function.alias.add_permission(
            "Schedule",
            principal=iam.ServicePrincipal("events.amazonaws.com"),
            source_arn=self.rule.attr_arn,
        )
        StageAlarm(
            self,
            "NotDelivered",
            stage=stage,
            alarm_name=f"{rule_name}-not-delivered",
            kind=AlarmKind.NOT_DELIVERED,
            description=f"The clock cannot start {rule_name}.",
            metric=cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name="FailedInvocations",
                dimensions_map={"RuleName": rule_name},  # without its bus, as that is the default one
                period=Duration.minutes(1),
                statistic="Sum",
            ),
            threshold=1,
            evaluation_periods=1,
        )
