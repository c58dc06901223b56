"""A queue's subscription to a topic of another stack."""

from aws_cdk import aws_sns as sns
from constructs import Construct

from infrastructure.components.durable_queue import DurableQueue

SNS = "sns.amazonaws.com"


class TopicSubscription(Construct):
    """Delivers a topic's messages unchanged, or to the dead-letter queue."""

    def __init__(self, scope: Construct, construct_id: str, *, topic_arn: str, queue: DurableQueue) -> None:
        super().__init__(scope, construct_id)
        # The level-one subscription: the level-two one adds a statement each to a queue's policy.
        subscription = sns.CfnSubscription(
            self,
            "Resource",
            topic_arn=topic_arn,
            protocol="sqs",
            endpoint=queue.queue.queue_arn,
            raw_message_delivery=True,
            redrive_policy={"deadLetterTargetArn": queue.dead_letter_queue.queue.queue_arn},
        )
        # Until both queues allow the topic, its messages would be lost or dead-lettered.
        for admission in (queue.dead_letter_queue.admission, queue.admission):
            subscription.node.add_dependency(admission.admit(SNS, topic_arn))
