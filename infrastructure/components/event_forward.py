"""Chosen facts for another bus, usually in another account."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import rule_arn
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.event_rule import EventRule
from infrastructure.components.rule_role import rule_role
from infrastructure.settings import Forward

MAXIMUM_DESCRIPTION = 512
"""The longest description that a rule may have."""


class EventForward(Construct):
    """One rule for one bus: unchanged events, no replays, and a dead-letter queue.

    It has a role, because a bus elsewhere allows accounts, not rules; its owner must allow this account.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, bus: events.EventBus, forward: Forward
    ) -> None:
        super().__init__(scope, construct_id)
        name = stage.names.forward_rule(forward.key)
        facts = [stage.topology.fact(fact) for fact in forward.facts]
        role = self._role(stage, name, forward.event_bus_arn)
        rule = EventRule(
            self,
            "Rule",
            stage=stage,
            rule_name=name,
            description=f"{', '.join(forward.facts)} to {forward.event_bus_arn}."[:MAXIMUM_DESCRIPTION],
            bus_name=bus.event_bus_name,
            pattern={
                "source": sorted({fact.owner for fact in facts}),
                "detail-type": [fact.name for fact in facts],
                "replay-name": [{"exists": False}],
            },
            target_arn=forward.event_bus_arn,
            role=role,
            dead_letter_queue=DeadLetterQueue(
                self,
                "DeadLetters",
                stage=stage,
                queue_name=stage.names.dead_letter_queue(f"forward-{forward.key}"),
            ),
        )
        # The role's policy must exist first, or the first events would be dead-lettered.
        rule.node.add_dependency(role)

    def _role(self, stage: Stage, rule_name: str, event_bus_arn: str) -> iam.Role:
        return rule_role(
            self,
            rules=rule_arn(self, stage.names.event_bus, rule_name),
            allowed=iam.PolicyStatement(actions=["events:PutEvents"], resources=[event_bus_arn]),
        )
