"""Where events wait that could not be delivered or handled."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.arns import queue_arn
from infrastructure.components.admission import Admission
from infrastructure.components.alarm import StageAlarm
from infrastructure.stage import Stage


class DeadLetterQueue(Construct):
    """Keeps for fourteen days, the longest SQS allows, and rings at the first message."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        queue_name: str,
        source_queue_name: str | None = None,
    ) -> None:
        """A dead-letter queue of one source queue, or of rules and mappings when no source is named."""
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Resource",
            queue_name=queue_name,
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            redrive_allow_policy=self._sources(source_queue_name),
        )
        self.admission = Admission(self.queue)
        self.not_empty = StageAlarm(
            self,
            "NotEmpty",
            stage=stage,
            alarm_name=f"{queue_name}-not-empty",
            kind=AlarmKind.DEAD_LETTERS,
            description=f"Events wait in {queue_name} for a person: find out why, then redrive them.",
            metric=self.queue.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(1), statistic="Maximum"
            ),
            threshold=stage.alarms.dead_letters,
            evaluation_periods=1,
        ).alarm

    def _sources(self, name: str | None) -> sqs.RedriveAllowPolicy:
        if name is None:
            return sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL)
        # By name, as the source refers to this queue: two references would be a circle.
        source = sqs.Queue.from_queue_arn(self, "Source", queue_arn(self, name))
        return sqs.RedriveAllowPolicy(source_queues=[source])
