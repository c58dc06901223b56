"""The topic that a stage's alarms notify."""

from aws_cdk import Annotations, CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import alarms_arn
from infrastructure.components.key_reference import key_of


class AlarmTopic(Construct):
    """Accepts this account's alarms of this stage; `alarm_email` is subscribed."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        name, key = stage.names.alarm_topic, key_of(self, stage)
        self.topic = sns.Topic(self, "Resource", topic_name=name, enforce_ssl=True, master_key=key)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={
                    "ArnLike": {"aws:SourceArn": alarms_arn(self, f"{stage.names.prefix}-")},
                    "StringEquals": {"aws:SourceAccount": Stack.of(self).account},
                },
            )
        )
        self._subscribe(stage)

    def _subscribe(self, stage: Stage) -> None:
        if stage.settings.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(stage.settings.alarm_email))
        else:
            Annotations.of(self).add_info(
                f"Stage {stage.name} has no alarm_email: subscribe to {stage.names.alarm_topic} by hand,"
                " or its alarms notify no one (docs/deploy.md)."
            )
        CfnOutput(self, "Arn", value=self.topic.topic_arn).override_logical_id("AlarmTopicArn")
