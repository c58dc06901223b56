"""A queue that loses nothing: a failed message ends in its dead-letter queue, and an alarm fires."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.admission import Admission
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.key_reference import queue_encryption
from infrastructure.observability.alarms import QUEUE_ALARMS
from infrastructure.observability.stage_alarms import add_alarms


class DurableQueue(Construct):
    """A standard queue and its dead-letter queue, encrypted, over TLS only, with an alarm on delay."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        name: str,
        visibility_timeout_seconds: int,
        max_receive_count: int,
    ) -> None:
        super().__init__(scope, construct_id)
        queue_name = stage.names.queue(name)
        self.dead_letter_queue = DeadLetterQueue(
            self,
            "DeadLetters",
            stage=stage,
            queue_name=stage.names.dead_letter_queue(name),
            source_queue_name=queue_name,
        )
        self.queue = sqs.Queue(
            self,
            "Resource",
            queue_name=queue_name,
            visibility_timeout=Duration.seconds(visibility_timeout_seconds),
            # Shorter than the dead-letter queue's, which counts from the first enqueue.
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
            retention_period=Duration.days(4),
            **queue_encryption(self, stage),
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letter_queue.queue, max_receive_count=max_receive_count
            ),
        )
        self.admission = Admission(self.queue)
        dimensions = {"QueueName": self.queue.queue_name}
        add_alarms(self, QUEUE_ALARMS, stage=stage, name=queue_name, dimensions=dimensions)
