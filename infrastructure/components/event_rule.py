"""A rule from a bus to one target."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.observability.alarms import RULE_ALARMS
from infrastructure.observability.stage_alarms import add_alarms

EVENTBRIDGE = "events.amazonaws.com"
Pattern = Mapping[str, Any]
"""An event pattern in EventBridge's grammar."""


class EventRule(Construct):
    """Delivers each event to one target, or to the dead-letter queue; whole, unless `request` says less.

    A topic's or a queue's own policy allows the rule, as EventBridge advises for SNS and SQS; another bus is
    reached through a role. An alarm fires if an event cannot even be dead-lettered.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
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
        dead_letter_queue: DeadLetterQueue,
        role: iam.Role | None = None,
        request: Mapping[str, Any] | None = None,
    ) -> None:
        """`request` has more properties of the target: what it receives, and how often."""
        super().__init__(scope, construct_id)
        # The level-one rule: the level-two pattern does not support `replay-name`.
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
                        arn=dead_letter_queue.queue.queue_arn
                    ),
                    **(request or {}),
                )
            ],
        )
        dead_letter_queue.admission.admit(EVENTBRIDGE, self.rule.attr_arn)
        dimensions = {"EventBusName": bus_name, "RuleName": rule_name}
        add_alarms(self, RULE_ALARMS, stage=stage, name=rule_name, dimensions=dimensions)
