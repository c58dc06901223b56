"""A fact's way from the order bus to whoever subscribes."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.event_rule import EVENTBRIDGE, EventRule
from infrastructure.services import Fact
from infrastructure.stage import Stage


class EventFanout(Construct):
    """One rule and one topic of one fact; replayed events stay out, as they are for one consumer only."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        fact: Fact,
        bus: events.EventBus,
        dead_letters: DeadLetterQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        name = stage.names.topic(fact.name)
        self.topic = sns.Topic(self, "Topic", topic_name=name, enforce_ssl=True)
        rule = EventRule(
            self,
            "Rule",
            stage=stage,
            rule_name=name,
            description=f"{fact.name}, as {fact.owner} alone may say it, to its subscribers.",
            bus_name=bus.event_bus_name,
            pattern={
                "source": [fact.owner],
                "detail-type": [fact.name],
                "replay-name": [{"exists": False}],
            },
            target_arn=self.topic.topic_arn,
            dead_letters=dead_letters,
        )
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                principals=[iam.ServicePrincipal(EVENTBRIDGE)],
                conditions={"ArnEquals": {"aws:SourceArn": rule.rule.attr_arn}},
            )
        )
        self._watch(stage, name)

    def _watch(self, stage: Stage, name: str) -> None:
        StageAlarm(
            self,
            "NotFannedOut",
            stage=stage,
            alarm_name=f"{name}-not-fanned-out",
            kind=AlarmKind.NOT_DELIVERED,
            description=f"The topic {name} could not reach a subscriber, nor that one's dead-letter queue.",
            metric=self.topic.metric(
                "NumberOfNotificationsFailedToRedriveToDlq", period=Duration.minutes(1), statistic="Sum"
            ),
            threshold=1,
            evaluation_periods=1,
        )
