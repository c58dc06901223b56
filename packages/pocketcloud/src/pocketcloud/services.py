"""The parts of one offline cloud, put together, and how they take over from moto."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from moto.core.model_instances import model_data

from pocketcloud.awslambda.async_invocation import AsynchronousInvocations
from pocketcloud.awslambda.mappings import Mappings
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.cloudwatch.alarms import Alarms
from pocketcloud.cloudwatch.queue_metrics import QueueMetrics
from pocketcloud.core.aws_calls import AwsCalls
from pocketcloud.core.engine import Engine
from pocketcloud.dynamodb.streams import Streams
from pocketcloud.dynamodb.transactions import Transactions
from pocketcloud.eventbridge.bus import Bus
from pocketcloud.eventbridge.schedules import Schedules
from pocketcloud.eventbridge.targets import Targets
from pocketcloud.moto_patches import cloudwatch, dynamodb, events, functions, logs, pace, requests, sns, sqs
from pocketcloud.moto_patches.moto_patch import MotoPatch, applied
from pocketcloud.ses.mails import forget_mails
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues


class Services:
    """EventBridge, SNS, SQS, Lambda and DynamoDB, as far as moto does not carry them out."""

    def __init__(self, engine: Engine, calls: AwsCalls) -> None:
        self._engine = engine
        self.queues = Queues(engine)
        self.topics = Topics(engine, self.queues)
        self.metrics = engine.metrics
        self._queue_metrics = QueueMetrics(engine, self.queues, self.metrics)
        self.alarms = Alarms(engine, self.metrics, self._queue_metrics, self.topics)
        self.runtime = Runtime(engine, calls, self.metrics)
        invocations = AsynchronousInvocations(engine, self.queues, self.runtime)
        targets = Targets(engine, self.queues, self.topics, invocations)
        self.bus = Bus(engine, self.queues, targets)
        self.schedules = Schedules(engine, targets)
        self.streams = Streams(engine)
        self.transactions = Transactions(engine.clock, self.streams)
        self.mappings = Mappings(engine, self.queues, self.topics, self.runtime)

    def seams(self) -> list[MotoPatch]:
        """Every place where moto is replaced."""
        return [
            *requests.seams(),
            *pace.seams(),
            *events.seams(self.bus, self.schedules),
            *sns.seams(self.topics),
            *sqs.seams(self._engine, self.queues),
            *dynamodb.seams(self.streams, self.transactions),
            *functions.seams(self._engine, self.runtime, self.mappings),
            *logs.seams(self.runtime),
            *cloudwatch.seams(self.metrics),
        ]

    @contextmanager
    def in_control(self) -> Iterator[None]:
        """While open, moto's services do what these parts do."""
        with ExitStack() as stack:
            stack.enter_context(applied(self.seams()))
            stack.enter_context(self.runtime.in_control())
            self.alarms.restart()
            yield

    def expire(self) -> None:
        """Let go of messages that outlived their queue's retention period."""
        for queue in list(self._engine.sqs.queues.values()):
            self.queues.expire(queue)

    def restart(self) -> None:
        """Begin what the clock drives anew: the scheduler has forgotten what was planned."""
        self.schedules.restart()
        self.alarms.restart()

    def clear(self) -> None:
        """Empty tables, streams, queues, archives, logs, metrics and the outbox; what is deployed stays."""
        self.queues.clear()
        self.transactions.clear()
        for table in self._engine.dynamodb.tables.values():
            table.items.clear()
            if table.stream_shard is not None:
                table.stream_shard.items.clear()
        for archive in self._engine.events.archives.values():
            archive.events.clear()
        self._engine.events.replays.clear()
        self.mappings.reset()
        self.runtime.logs.clear()
        self.metrics.clear()
        self._queue_metrics.clear()
        forget_mails(self._engine.account, self._engine.region)
        _forget_instances()


def _forget_instances() -> None:
    """Moto keeps a list of every row, message and rule there ever was, for a dashboard of its own."""
    for models in model_data.values():
        for model in models.values():
            vars(model)["instances_tracked"].clear()
