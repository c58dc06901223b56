"""A rule that leads events of a bus to one target."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.stage import Stage

EVENTBRIDGE = "events.amazonaws.com"
Pattern = Mapping[str, Any]
"""An event pattern, as EventBridge's grammar has it."""


class EventRule(Construct):
    """Delivers the whole event, unchanged, to one target; what it cannot deliver it dead-letters.

    A topic's or a queue's own policy admits the rule: EventBridge's advice for SNS and SQS.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
    Another bus is reached through a role. It rings where an event could not even be dead-lettered.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        rule_name: str,
        description: str,
        bus_name: str,
        pattern: Pattern,
        target_arn: str,
        dead_letters: DeadLetterQueue,
        role: iam.Role | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # The level-one rule: the level-two pattern does not know `replay-name`.
        self.rule = events.CfnRule(
            self,
            "Resource",
            name=rule_name,
            description=description,
            event_bus_name=bus_name,
            event_pattern=pattern,
            state="ENABLED",
            targets=[
                events.CfnRule.TargetProperty(
                    id="target",
                    arn=target_arn,
                    role_arn=role.role_arn if role else None,
                    dead_letter_config=events.CfnRule.DeadLetterConfigProperty(
                        arn=dead_letters.queue.queue_arn
                    ),
                )
            ],
        )
        dead_letters.admission.admit(EVENTBRIDGE, self.rule.attr_arn)
        self._watch(stage, bus_name, rule_name)

    def _watch(self, stage: Stage, bus_name: str, rule_name: str) -> None:
        StageAlarm(
            self,
            "NotDelivered",
            stage=stage,
            alarm_name=f"{rule_name}-not-delivered",
            kind=AlarmKind.NOT_DELIVERED,
            description=f"{rule_name} could not deliver an event, nor put it into the dead-letter queue.",
            metric=cloudwatch.Metric(
                namespace="AWS/Events",
                metric_name="InvocationsFailedToBeSentToDlq",
                dimensions_map={"EventBusName": bus_name, "RuleName": rule_name},
                period=Duration.minutes(1),
                statistic="Sum",
            ),
            threshold=1,
            evaluation_periods=1,
        )
