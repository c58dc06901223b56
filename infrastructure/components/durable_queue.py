"""A queue that loses nothing: what cannot be handled ends in its dead-letter queue, and somebody is told."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.admission import Admission
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.stage import Stage


class DurableQueue(Construct):
    """A standard queue and its dead-letter queue, encrypted, reachable over TLS only, watched for delay."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        name: str,
        visibility_timeout: int,
        max_receive_count: int,
    ) -> None:
        super().__init__(scope, construct_id)
        queue_name = stage.names.queue(name)
        self.dead_letters = DeadLetterQueue(
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
            visibility_timeout=Duration.seconds(visibility_timeout),
            # Shorter than the dead-letter queue's, whose clock starts at the first enqueue.
            # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/setting-up-dead-letter-queue-retention.html
            retention_period=Duration.days(4),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(
                queue=self.dead_letters.queue, max_receive_count=max_receive_count
            ),
        )
        self.admission = Admission(self.queue)
        StageAlarm(
            self,
            "MessageAge",
            stage=stage,
            alarm_name=f"{queue_name}-message-age",
            kind=AlarmKind.MESSAGE_AGE,
            description=f"A message waits too long in {queue_name}: its consumer fails or is too slow.",
            metric=self.queue.metric_approximate_age_of_oldest_message(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            threshold=stage.alarms.message_age_seconds,
            evaluation_periods=stage.alarms.evaluation_periods,
        )
