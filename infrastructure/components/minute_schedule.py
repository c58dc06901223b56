"""A schedule that starts a function once a minute."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.service_function import ServiceFunction
from infrastructure.observability.alarms import SCHEDULE_ALARMS
from infrastructure.observability.stage_alarms import add_alarms


class MinuteSchedule(Construct):
    """Invokes a function once a minute; the next minute makes up for a lost one.

    It has no dead-letter queue: that would hold nothing but a timestamp. An alarm fires at a lost invocation.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, function: ServiceFunction, purpose: str
    ) -> None:
        super().__init__(scope, construct_id)
        # Schedules are on the default bus: no other supports them.
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
        self.rule = events.CfnRule(
            self,
            "Resource",
            name=function.name,
            description=f"Starts {function.name}, which {purpose}.",
            schedule_expression="rate(1 minute)",
            state="ENABLED",
            targets=[events.CfnRule.TargetProperty(id="target", arn=function.alias.function_arn)],
        )
        function.alias.add_permission(
            "Schedule",
            principal=iam.ServicePrincipal("events.amazonaws.com"),
            source_arn=self.rule.attr_arn,
        )
        # Without the bus in the dimensions: it is the default one.
        dimensions = {"RuleName": function.name}
        add_alarms(self, SCHEDULE_ALARMS, stage=stage, name=function.name, dimensions=dimensions)
