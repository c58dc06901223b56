"""The queue of events that could not be delivered or handled."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import queue_arn
from infrastructure.components.admission import Admission
from infrastructure.components.key_reference import queue_encryption
from infrastructure.observability.alarms import DEAD_LETTER_ALARMS
from infrastructure.observability.stage_alarms import add_alarms


class DeadLetterQueue(Construct):
    """Keeps messages for fourteen days, SQS's maximum; its alarm fires at the first message."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        queue_name: str,
        source_queue_name: str | None = None,
    ) -> None:
        """Serve one source queue, or rules and mappings if none is named."""
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Resource",
            queue_name=queue_name,
            retention_period=Duration.days(14),
            **queue_encryption(self, stage),
            enforce_ssl=True,
            redrive_allow_policy=self._sources(source_queue_name),
        )
        self.admission = Admission(self.queue)
        add_alarms(
            self,
            DEAD_LETTER_ALARMS,
            stage=stage,
            name=queue_name,
            dimensions={"QueueName": self.queue.queue_name},
        )

    def _sources(self, name: str | None) -> sqs.RedriveAllowPolicy:
        if name is None:
            return sqs.RedriveAllowPolicy(redrive_permission=sqs.RedrivePermission.DENY_ALL)
        # By name: the source refers to this queue, and two references would be a cycle.
        source = sqs.Queue.from_queue_arn(self, "Source", queue_arn(self, name))
        return sqs.RedriveAllowPolicy(source_queues=[source])
