"""From the event bus to the subscribers of a fact."""

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.event_rule import EVENTBRIDGE, EventRule
from infrastructure.components.key_reference import key_of
from infrastructure.observability.alarms import TOPIC_ALARMS
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.services import FactDeclaration


class EventFanout(Construct):
    """One rule and one topic of one fact; replayed events do not pass, as they are for one consumer only."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        fact: FactDeclaration,
        bus: events.EventBus,
        dead_letter_queue: DeadLetterQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        name = stage.names.topic(fact.name)
        key = key_of(self, stage)
        self.topic = sns.Topic(self, "Topic", topic_name=name, enforce_ssl=True, master_key=key)
        rule = EventRule(
            self,
            "Rule",
            stage=stage,
            rule_name=name,
            description=f"{fact.name}, published by {fact.owner} alone, to its subscribers.",
            bus_name=bus.event_bus_name,
            pattern={
                "source": [fact.owner],
                "detail-type": [fact.name],
                "replay-name": [{"exists": False}],
            },
            target_arn=self.topic.topic_arn,
            dead_letter_queue=dead_letter_queue,
        )
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                principals=[iam.ServicePrincipal(EVENTBRIDGE)],
                conditions={"ArnEquals": {"aws:SourceArn": rule.rule.attr_arn}},
            )
        )
        dimensions = {"TopicName": self.topic.topic_name}
        add_alarms(self, TOPIC_ALARMS, stage=stage, name=name, dimensions=dimensions)
