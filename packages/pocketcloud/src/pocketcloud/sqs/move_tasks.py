"""Redrive tasks: move the messages of a dead-letter queue to their source queues or another queue.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
"""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial

from moto.moto_api._internal import mock_random
from moto.sqs.exceptions import InvalidParameterValue, SQSException
from moto.sqs.models import Queue

from pocketcloud.core.engine import Engine, name_in
from pocketcloud.sqs.message_store import StoredMessage
from pocketcloud.sqs.queues import SOURCE_ARN, Queues

_MAXIMUM_RATE = 500
_MAXIMUM_LISTED = 10
_NOT_A_SOURCE = "Source queue must be configured as a Dead Letter Queue."


class MoveStatus(StrEnum):
    """The states of a task."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


@dataclass(slots=True)
class MoveTask:
    """One task; `rate` is its maximum number of messages per second."""

    id: str
    source: str
    destination: str | None
    rate: int | None
    started_ms: int
    to_move: int
    moved: int = 0
    status: MoveStatus = MoveStatus.RUNNING
    failure: str | None = None

    @property
    def handle(self) -> str:
        """The handle by which a client cancels the task."""
        return base64.b64encode(json.dumps({"taskId": self.id, "sourceArn": self.source}).encode()).decode()


class MoveTasks:
    """The move tasks of all queues, newest last."""

    def __init__(self, engine: Engine, queues: Queues) -> None:
        self._engine = engine
        self._queues = queues
        self._tasks: list[MoveTask] = []

    def start(self, source_arn: str, destination_arn: str | None, rate: int | None) -> MoveTask:
        """Start moving; raise SQSException if SQS would."""
        source = self._find(source_arn, "SourceArn")
        if not any(other.dead_letter_queue is source for other in self._engine.sqs.queues.values()):
            raise InvalidParameterValue(_NOT_A_SOURCE)
        if destination_arn is not None:
            self._find(destination_arn, "DestinationArn")
        if rate is not None and not 1 <= rate <= _MAXIMUM_RATE:
            raise InvalidParameterValue("Value for parameter MaxNumberOfMessagesPerSecond is invalid.")
        if any(task.source == source_arn and task.status is MoveStatus.RUNNING for task in self._tasks):
            raise InvalidParameterValue(
                "There is already a task running. Only one active task is allowed for a source queue arn"
                " at a given time."
            )
        count = len(self._queues.store(source_arn))
        identity, now = str(mock_random.uuid4()), int(self._queues.now())
        task = MoveTask(identity, source_arn, destination_arn, rate, now, count)
        self._tasks.append(task)
        self._plan(task, timedelta())
        return task

    def cancel(self, handle: str) -> MoveTask:
        """Cancel a running task; raise SQSException if there is none."""
        try:
            named = json.loads(base64.b64decode(handle, validate=True))
            identity, source = named["taskId"], named["sourceArn"]
        except (ValueError, KeyError, TypeError):
            raise InvalidParameterValue("Value for parameter TaskHandle is invalid.") from None
        self._find(source, "SourceArn")
        for task in self._tasks:
            if task.id == identity and task.status is MoveStatus.RUNNING:
                task.status = MoveStatus.CANCELLED
                return task
        raise SQSException("ResourceNotFoundException", "Task does not exist.")

    def latest(self, source_arn: str, limit: int) -> list[MoveTask]:
        """Return the latest tasks of a queue, newest first."""
        self._find(source_arn, "SourceArn")
        if not 1 <= limit <= _MAXIMUM_LISTED:
            raise InvalidParameterValue("Value for parameter MaxResults is invalid.")
        return [task for task in reversed(self._tasks) if task.source == source_arn][:limit]

    def clear(self) -> None:
        """Forget all tasks."""
        self._tasks.clear()

    def _plan(self, task: MoveTask, delay: timedelta) -> None:
        label = f"move from {name_in(task.source)}"
        self._engine.scheduler.after(delay, partial(self._step, task), label=label)

    def _step(self, task: MoveTask) -> None:
        """Move one message, or all if there is no maximum rate."""
        source = self._engine.sqs.queues.get(name_in(task.source))
        if task.status is not MoveStatus.RUNNING or source is None:
            return
        for stored in self._movable(source, task):
            target = self._target(task, stored)
            if target is None:
                task.status, task.failure = MoveStatus.FAILED, "AWS.SimpleQueueService.NonExistentQueue"
                return
            self._queues.move(stored, source, target)
            task.moved += 1
            if task.rate is not None:
                break
        if self._movable(source, task):
            self._plan(task, timedelta(seconds=1) / (task.rate or 1))
        else:
            task.status = MoveStatus.COMPLETED

    def _movable(self, source: Queue, task: MoveTask) -> list[StoredMessage]:
        """Return the visible messages that were there when the task began."""
        now = self._queues.now()
        present = self._queues.store(source.queue_arn).all()
        return [each for each in present if each.available_at <= now][: task.to_move - task.moved]

    def _target(self, task: MoveTask, stored: StoredMessage) -> Queue | None:
        arn = task.destination or stored.message.system_attributes.get(SOURCE_ARN, {}).get("StringValue", "")
        return self._engine.sqs.queues.get(name_in(arn))

    def _find(self, arn: str, parameter: str) -> Queue:
        queue = self._engine.sqs.queues.get(name_in(arn))
        if queue is None or queue.queue_arn != arn:
            message = f"The resource that you specified for the {parameter} parameter doesn't exist."
            raise SQSException("ResourceNotFoundException", message)
        return queue
