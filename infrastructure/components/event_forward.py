"""Chosen facts on their way to a bus of somebody else's, as a rule in another account."""

from aws_cdk import Aws
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure import topology
from infrastructure.arns import rule_arn
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.event_rule import EventRule
from infrastructure.stage import Forward, Stage

DESCRIPTION = 512
"""The longest description that a rule may have."""


class EventForward(Construct):
    """One rule for one bus: the events as they are, replays left out, what is not taken dead-lettered.

    Through a role of our own, as a bus elsewhere admits accounts and not rules; its owner must admit ours.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, bus: events.EventBus, forward: Forward
    ) -> None:
        super().__init__(scope, construct_id)
        name = stage.names.forward_rule(forward.key)
        facts = [topology.fact(fact) for fact in forward.facts]
        role = self._role(stage, name, forward.event_bus_arn)
        rule = EventRule(
            self,
            "Rule",
            stage=stage,
            rule_name=name,
            description=f"{', '.join(forward.facts)} to {forward.event_bus_arn}."[:DESCRIPTION],
            bus_name=bus.event_bus_name,
            pattern={
                "source": sorted({fact.owner for fact in facts}),
                "detail-type": [fact.name for fact in facts],
                "replay-name": [{"exists": False}],
            },
            target_arn=forward.event_bus_arn,
            role=role,
            dead_letters=DeadLetterQueue(
                self,
                "DeadLetters",
                stage=stage,
                queue_name=stage.names.dead_letter_queue(f"forward-{forward.key}"),
            ),
        )
        # Its policy too, or the first events would be refused and dead-lettered.
        rule.node.add_dependency(role)

    def _role(self, stage: Stage, rule_name: str, event_bus_arn: str) -> iam.Role:
        source = rule_arn(self, stage.names.order_bus, rule_name)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "events.amazonaws.com",
                conditions={
                    "ArnEquals": {"aws:SourceArn": source},
                    "StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID},
                },
            ),
        )
        role.add_to_policy(iam.PolicyStatement(actions=["events:PutEvents"], resources=[event_bus_arn]))
        return role
