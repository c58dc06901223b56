"""Where a stage's alarms are heard."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure.arns import alarms_arn
from infrastructure.stage import Stage


class AlarmTopic(Construct):
    """Takes this account's alarms of this stage; whoever is on call subscribes to it."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self.topic = sns.Topic(self, "Resource", topic_name=stage.names.alarm_topic, enforce_ssl=True)
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
