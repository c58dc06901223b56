"""Discard records of a stream after the last retry: notify the on-failure destination.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import json
from datetime import datetime
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from pocketcloud.awslambda.mapping_access import destination_access
from pocketcloud.awslambda.shard_source import ShardSource
from pocketcloud.awslambda.stream_consumer import DiscardedRecords
from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.journal import Kind
from pocketcloud.iam.access_request import PARTITION
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues
from pocketcloud.virtual_time.timestamps import iso_milliseconds


class StreamFailures:
    """Notifies on-failure destinations of discarded records, and records them in the journal."""

    def __init__(self, engine: Engine, queues: Queues, topics: Topics) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics

    def discard(self, mapping: EventSourceMapping, source: ShardSource, batch: DiscardedRecords) -> None:
        """Notify the mapping's on-failure destination and record each discarded record."""
        self.record(source, batch, self._notify(mapping, source, batch))

    def record(self, source: ShardSource, batch: DiscardedRecords, where: str | None) -> None:
        """Record each discarded record, with the destination that was notified; None if there is none."""
        reason = f"{batch.condition}: {batch.reason}"
        for record in batch.records:
            if where is None:
                self._queues.drop(source.label, record.event, reason, record.text)
                continue
            self._engine.journal.write(
                Kind.DEAD_LETTERED, source.label, where, record.event, message_id=record.id, reason=reason
            )
            self._engine.journal.record_undelivered(record.event, where, reason, record.text)

    def drop(self, source: ShardSource, reason: str, text: str) -> None:
        """Record what is lost, which no destination is notified of."""
        self._queues.drop(source.label, None, reason, text)

    def send(self, arn: str, body: str, origin: str) -> str | None:
        """Send a message to a queue or a topic, and return its label; None if there is none."""
        if (queue := self._engine.sqs.queues.get(name_in(arn))) and queue.queue_arn == arn:
            self._queues.send(queue, body, source=origin)
            return f"queue/{queue.name}"
        if topic := self._engine.sns.topics.get(arn):
            self._topics.publish(topic, body)
            return f"topic/{topic.name}"
        return None

    def _notify(
        self, mapping: EventSourceMapping, source: ShardSource, batch: DiscardedRecords
    ) -> str | None:
        """Send the metadata and return the destination; None if there is none."""
        config = mapping.destination_config or {}
        arn: str = (config.get("OnFailure") or {}).get("Destination") or ""
        function = function_in(mapping.function_arn)
        if arn and self._engine.access.authorize_function(function, *destination_access(arn)):
            return None
        if ":s3:" in arn:
            return self._store(name_in(arn), mapping, source, batch)
        return self.send(arn, json.dumps(self._metadata(mapping, source, batch)), f"function/{function}")

    def _store(
        self, bucket: str, mapping: EventSourceMapping, source: ShardSource, batch: DiscardedRecords
    ) -> str | None:
        """Write the metadata with the records to a bucket, which alone gets them."""
        backend = s3_backends[self._engine.account][PARTITION]
        if bucket not in backend.buckets:
            return None
        invocation = source.batch([source.present(each) for each in batch.records])
        body = json.dumps({**self._metadata(mapping, source, batch), "payload": json.dumps(invocation)})
        now, shard = self._engine.clock.now(), source.shard_id
        key = f"aws/lambda/{mapping.uuid}/{shard}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{mock_random.uuid4()}"
        backend.put_object(bucket, key, body.encode())
        return f"bucket/{bucket}"

    def _metadata(
        self, mapping: EventSourceMapping, source: ShardSource, batch: DiscardedRecords
    ) -> dict[str, Any]:
        return {
            "requestContext": {
                "requestId": str(mock_random.uuid4()),
                "functionArn": mapping.function_arn,
                "condition": batch.condition,
                "approximateInvokeCount": batch.invoked,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": self._version(mapping.function_arn),
                "functionError": "Unhandled" if batch.raised else None,
            },
            **batch_metadata(source, batch, mapping.event_source_arn, self._engine.clock.now()),
        }

    def _version(self, function_arn: str) -> str:
        return str(self._engine.functions.get_function(function_arn).version)


def batch_metadata(source: ShardSource, batch: DiscardedRecords, arn: str, now: datetime) -> dict[str, Any]:
    """Return the part of a message of Lambda or Pipes that describes a discarded batch."""
    return {
        "version": "1.0",
        "timestamp": iso_milliseconds(now),
        **source.batch_info(batch.records, arn),
    }
