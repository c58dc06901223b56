"""SQS's metrics of queues, recorded once per minute.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from datetime import datetime, timedelta

from moto.sqs.models import Queue

from pocketcloud.cloudwatch.metrics import Metric, Metrics
from pocketcloud.core.engine import Engine
from pocketcloud.sqs.queues import Queues, Store

_ACTIVE_PERIOD = timedelta(hours=6)
"""SQS publishes a queue's metrics for this long after it last held a message."""


class QueueMetrics:
    """Records depth, messages in flight and the age of the oldest message."""

    def __init__(self, engine: Engine, queues: Queues, metrics: Metrics) -> None:
        self._engine = engine
        self._queues = queues
        self._metrics = metrics
        self._active: dict[str, datetime] = {}

    def measure(self, minute: datetime) -> None:
        """Record every active queue's current metrics for a minute."""
        for queue in self._engine.sqs.queues.values():
            store = self._queues.store(queue.queue_arn)
            if len(store):
                self._active[queue.queue_arn] = minute
            last = self._active.get(queue.queue_arn)
            if last is not None and minute - last < _ACTIVE_PERIOD:
                self._measure(queue, store, minute)

    def clear(self) -> None:
        """Mark all queues as inactive."""
        self._active.clear()

    def _measure(self, queue: Queue, store: Store, minute: datetime) -> None:
        now = self._queues.now()
        waiting = store.all()
        visible = sum(stored.available_at <= now for stored in waiting)
        hidden = len(waiting) - visible
        # Invisible messages count, too.
        age = max((now - stored.sent_at for stored in waiting), default=0) // 1000
        for name, value in (
            ("ApproximateNumberOfMessagesVisible", visible),
            ("ApproximateNumberOfMessagesNotVisible", hidden),
            ("ApproximateAgeOfOldestMessage", age),
        ):
            self._metrics.put(Metric.of("AWS/SQS", name, QueueName=queue.name), value, at=minute)
