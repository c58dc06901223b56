"""What SQS measures of its queues, once a minute.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from datetime import datetime, timedelta

from moto.sqs.models import Queue

from pocketcloud.cloudwatch.metrics import Metric, Metrics
from pocketcloud.core.engine import Engine
from pocketcloud.sqs.message_store import MessageStore
from pocketcloud.sqs.queues import Queues

_ACTIVE = timedelta(hours=6)
"""A queue is measured for so long after the last message in it; then it says nothing."""


class QueueMetrics:
    """Depth, messages in flight, and the age of the oldest message."""

    def __init__(self, engine: Engine, queues: Queues, metrics: Metrics) -> None:
        self._engine = engine
        self._queues = queues
        self._metrics = metrics
        self._active: dict[str, datetime] = {}

    def measure(self, minute: datetime) -> None:
        """Measure every active queue as it is now, for that minute."""
        for queue in self._engine.sqs.queues.values():
            store = self._queues.store(queue.queue_arn)
            if len(store):
                self._active[queue.queue_arn] = minute
            last = self._active.get(queue.queue_arn)
            if last is not None and minute - last < _ACTIVE:
                self._measure(queue, store, minute)

    def clear(self) -> None:
        """Forget which queues were active."""
        self._active.clear()

    def _measure(self, queue: Queue, store: MessageStore, minute: datetime) -> None:
        now = self._queues.now()
        waiting = store.all()
        visible = sum(stored.available_at <= now for stored in waiting)
        hidden = len(waiting) - visible
        # A message that nobody has deleted ages, be it visible or not.
        age = max((now - stored.sent_at for stored in waiting), default=0) // 1000
        for name, value in (
            ("ApproximateNumberOfMessagesVisible", visible),
            ("ApproximateNumberOfMessagesNotVisible", hidden),
            ("ApproximateAgeOfOldestMessage", age),
        ):
            self._metrics.put(Metric.of("AWS/SQS", name, QueueName=queue.name), value, at=minute)
