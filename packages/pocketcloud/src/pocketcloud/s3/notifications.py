"""S3's notifications: to EventBridge, functions, queues and topics.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from moto.moto_api._internal import mock_random
from moto.s3.models import FakeBucket, FakeKey, Notification
from moto.sqs.exceptions import SQSException

from pocketcloud.awslambda.async_invocation import AsynchronousInvocations
from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import Engine, name_in
from pocketcloud.core.journal import Kind
from pocketcloud.eventbridge.dispatch import BusToBus
from pocketcloud.s3.notification_events import bridge_event, notification
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.latency import BUS_TO_TARGET
from pocketcloud.virtual_time.timestamps import iso_milliseconds

S3 = "s3.amazonaws.com"
_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One change of an object; `name` is S3's name of the event, such as `s3:ObjectCreated:Put`."""

    name: str
    bucket: FakeBucket
    key: FakeKey
    at: str

    @property
    def source(self) -> str:
        """The bucket's name in the journal."""
        return f"bucket/{self.bucket.name}"


class BucketNotifications:
    """Delivers the changes of objects to what the bucket's configuration names."""

    def __init__(
        self,
        engine: Engine,
        queues: Queues,
        topics: Topics,
        *,
        invocations: AsynchronousInvocations,
        put_on_bus: BusToBus,
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics
        self._invocations = invocations
        self._put_on_bus = put_on_bus

    def notify(self, name: str, bucket: FakeBucket, key: FakeKey) -> None:
        """Plan the deliveries for one change."""
        config = bucket.notification_configuration
        if config is None:
            return
        now = iso_milliseconds(self._engine.clock.now())
        change = ObjectChange(name, bucket, key, now)
        for chosen in (*config.cloud_function, *config.queue, *config.topic):
            if chosen.matches(name, key.name):
                self._plan(change, partial(self._deliver, change, chosen))
        if config.event_bridge is not None:
            event = bridge_event(change.name, bucket.name, key, now)
            self._plan(change, partial(self._to_default_bus, change, event))

    def _plan(self, change: ObjectChange, action: "partial[None]") -> None:
        delay = self._engine.delivery_delay(BUS_TO_TARGET)
        self._engine.scheduler.after(delay, action, label=change.source)

    def _to_default_bus(self, change: ObjectChange, event: Mapping[str, Any]) -> None:
        located = {"account": self._engine.account, "region": self._engine.region}
        self._put_on_bus("default", {**event, **located, "id": str(mock_random.uuid4())}, change.source)

    def _deliver(self, change: ObjectChange, chosen: Notification) -> None:
        text = json.dumps(notification(change.name, change.bucket, change.key, chosen.id, change.at))
        try:
            self._send(change, chosen.arn, text)
        except (DeliveryError, SQSException) as error:
            self._queues.drop(change.source, None, str(error), text)

    def _send(self, change: ObjectChange, arn: str, text: str) -> None:
        service = arn.split(":")[2]
        bucket_arn = change.bucket.arn
        denial = self._engine.access.authorize_service(S3, _ACTIONS[service], arn, source_arn=bucket_arn)
        if denial:
            raise DeliveryError("NO_PERMISSIONS", str(denial))
        queue, topic = self._engine.sqs.queues.get(name_in(arn)), self._engine.sns.topics.get(arn)
        if service == "lambda":
            self._invocations.invoke(InvocationRequest(arn, json.loads(text), text, change.source, None))
        elif service == "sqs" and queue is not None:
            self._queues.send(queue, text, source=change.source)
        elif topic is not None:
            self._engine.journal.write(Kind.PUBLISHED, change.source, f"topic/{topic.name}", None)
            self._topics.publish(topic, text, subject="Amazon S3 Notification")
        else:
            raise DeliveryError("NO_RESOURCE", f"{arn} does not exist")
