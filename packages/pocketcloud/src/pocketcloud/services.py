"""Build the services of one offline cloud and patch them into moto."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from moto.logs.models import logs_backends

from pocketcloud.awslambda.async_invocation import AsynchronousInvocations
from pocketcloud.awslambda.destinations import Destinations
from pocketcloud.awslambda.event_invoke_configs import EventInvokeConfigs
from pocketcloud.awslambda.mappings import Mappings
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.cloudformation.stack_records import StackRecord
from pocketcloud.cloudwatch.alarms import AlarmMonitor
from pocketcloud.cloudwatch.queue_metrics import QueueMetrics
from pocketcloud.core.aws_calls import AwsCalls
from pocketcloud.core.engine import Engine
from pocketcloud.dynamodb.row_history import enable_history, history_of
from pocketcloud.dynamodb.sorted_rows import forget_rows
from pocketcloud.dynamodb.streams import Streams
from pocketcloud.dynamodb.transactions import Transactions
from pocketcloud.eventbridge.bus import Bus
from pocketcloud.eventbridge.pipe_targets import PipeTargets
from pocketcloud.eventbridge.pipes import Pipes
from pocketcloud.eventbridge.schedules import Schedules
from pocketcloud.eventbridge.target_senders import TargetSenders
from pocketcloud.eventbridge.targets import Targets
from pocketcloud.eventbridge.timed_schedules import TimedSchedules
from pocketcloud.kinesis.put import Writes
from pocketcloud.kinesis.streams import DataStreams
from pocketcloud.moto_patches import (
    botocore_clients,
    botocore_models,
    botocore_sessions,
    botocore_signatures,
    caching,
    cloudwatch,
    dynamodb,
    events,
    functions,
    kinesis,
    logs,
    pipes,
    requests,
    s3,
    scheduler,
    sns,
    sqs,
    stepfunctions,
    table_backups,
    without_effect,
)
from pocketcloud.moto_patches.moto_patch import MotoPatch, apply_patches
from pocketcloud.s3.notifications import BucketNotifications
from pocketcloud.ses.mails import clear_mails
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.move_tasks import MoveTasks
from pocketcloud.sqs.queues import Queues
from pocketcloud.stepfunctions.machines import Machines


class Services:
    """The parts of EventBridge, SNS, SQS, Lambda, DynamoDB and CloudWatch that moto does not implement."""

    def __init__(self, engine: Engine, calls: AwsCalls, history_limit: int | None = None) -> None:
        self._engine = engine
        self._history_limit = history_limit
        self.stacks: list[StackRecord] = []
        """The deployed stacks."""
        self.queues = Queues(engine)
        self.move_tasks = MoveTasks(engine, self.queues)
        self.topics = Topics(engine, self.queues)
        self.metrics = engine.metrics
        self._queue_metrics = QueueMetrics(engine, self.queues, self.metrics)
        self.alarms = AlarmMonitor(engine, self.metrics, self._queue_metrics, self.topics)
        self.runtime = Runtime(engine, calls, self.metrics, history_limit)
        self._event_configs = EventInvokeConfigs(engine)
        self._invocations = AsynchronousInvocations(engine, self.queues, self.runtime, self._event_configs)
        self.topics.invoke = self._invocations.invoke
        self.data_streams = DataStreams(engine)
        writes = Writes(self.data_streams)
        senders = TargetSenders(engine, self.queues, self.topics, self._invocations, writes)
        targets = Targets(engine, self.queues, senders)
        self.api_destinations = senders.api_destinations
        self.bus = Bus(engine, self.queues, targets)
        self.machines = Machines(engine, self.bus.put_if_wanted)
        senders.machines = self.machines
        self.alarms.put_on_bus, self.alarms.invoke = self.bus.put_if_wanted, self._invocations.invoke
        self._invocations.use(
            Destinations(
                engine,
                self.queues,
                self.topics,
                put_events=self.bus.put_events,
                enqueue=self._invocations.enqueue,
            )
        )
        self.schedules = Schedules(engine, targets)
        self.timed_schedules = TimedSchedules(engine, targets)
        self._notifications = BucketNotifications(
            engine,
            self.queues,
            self.topics,
            invocations=self._invocations,
            put_on_bus=self.bus.forward,
        )
        pipe_targets = PipeTargets(
            engine, self.queues, self.topics, self.runtime, writes=writes, put_events=self.bus.put_events
        )
        self.streams = Streams(engine)
        self.transactions = Transactions(engine.clock, self.streams)
        self.pipes = Pipes(engine, self.queues, self.topics, pipe_targets, self.data_streams)
        self.mappings = Mappings(engine, self.queues, self.topics, self.runtime, self.data_streams)

    def patches(self) -> list[MotoPatch]:
        """Return all patches to moto."""
        return [
            *requests.patches(self.stacks),
            *botocore_clients.patches(),
            *botocore_models.patches(),
            *botocore_sessions.patches(),
            *botocore_signatures.patches(),
            *caching.patches(),
            *events.patches(self.bus, self.schedules, self._engine.stubs),
            *scheduler.patches(self.timed_schedules),
            *pipes.patches(self._engine, self.pipes),
            *sns.patches(self.topics),
            *sqs.patches(self._engine, self.queues, self.move_tasks),
            *dynamodb.patches(self.streams, self.transactions),
            *table_backups.patches(self._engine),
            *kinesis.patches(self.data_streams),
            *stepfunctions.patches(self.machines),
            *functions.patches(
                self._engine, self.runtime, self.mappings, self._invocations, self._event_configs
            ),
            *logs.patches(self.runtime),
            *s3.patches(self._notifications),
            *cloudwatch.patches(self.metrics),
            *without_effect.patches(),
        ]

    @contextmanager
    def activate(self) -> Iterator[None]:
        """Apply the patches to moto while the context is open."""
        with ExitStack() as stack:
            stack.enter_context(apply_patches(self.patches()))
            stack.enter_context(self.runtime.activate())
            self.alarms.restart()
            yield

    def expire(self) -> None:
        """Delete messages older than their queue's retention period, and emails over the limit."""
        if self._history_limit is not None:
            clear_mails(self._engine.account, self._engine.region, keep=self._history_limit)
        for queue in list(self._engine.sqs.queues.values()):
            self.queues.expire(queue)

    def restart(self) -> None:
        """Restart schedules and alarms after the scheduler was cleared."""
        self.schedules.restart()
        self.timed_schedules.restart()
        self.alarms.restart()

    def clear(self) -> None:
        """Empty tables, streams, queues, archives, logs, metrics and sent mails; keep the deployment.

        Schedules that functions put are deleted, and requests to API destinations.
        """
        self.queues.clear()
        self.move_tasks.clear()
        self.topics.fifo.clear()
        self.transactions.clear()
        for table in self._engine.dynamodb.tables.values():
            table.items.clear()
            forget_rows(table)
            if history_of(table) is not None:
                enable_history(table, self._engine.clock)
            if table.stream_shard is not None:
                table.stream_shard.items.clear()
        self._engine.dynamodb.backups.clear()
        self._engine.closed_streams.clear()
        for archive in self._engine.events.archives.values():
            archive.events.clear()
        self._engine.events.replays.clear()
        self.data_streams.clear()
        for group in logs_backends[self._engine.account][self._engine.region].groups.values():
            group.streams.clear()
        self.machines.clear()
        self.mappings.reset()
        self.pipes.reset()
        self.runtime.logs.clear()
        self.metrics.clear()
        self.api_destinations.clear()
        self.timed_schedules.clear()
        self._queue_metrics.clear()
        clear_mails(self._engine.account, self._engine.region)
