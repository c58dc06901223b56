"""A queue's subscription to a topic of another stack."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class TopicSubscription(Construct):
    """Delivers a topic's messages as they are; what the queue refuses is dead-lettered."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        topic_arn: str,
        queue: sqs.Queue,
        dead_letters: sqs.Queue,
    ) -> None:
        super().__init__(scope, construct_id)
        subscription = sns.Subscription(
            self,
            "Resource",
            topic=sns.Topic.from_topic_arn(self, "Topic", topic_arn),
            protocol=sns.SubscriptionProtocol.SQS,
            endpoint=queue.queue_arn,
            raw_message_delivery=True,
            dead_letter_queue=dead_letters,
        )
        admission = queue.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sqs:SendMessage"],
                resources=[queue.queue_arn],
                principals=[iam.ServicePrincipal("sns.amazonaws.com")],
                conditions={"ArnEquals": {"aws:SourceArn": topic_arn}},
            )
        )
        # Until the queue admits the topic, all it sends would be dead-lettered.
        subscription.node.add_dependency(admission.policy_dependable)
