"""Discard records of a stream after the last retry: notify the on-failure destination.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends

from pocketcloud.awslambda.mapping_access import destination_access
from pocketcloud.awslambda.shard_source import ShardSource, StreamedRecord
from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.journal import Kind
from pocketcloud.iam.access_request import PARTITION
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues


@dataclass(frozen=True, slots=True)
class DiscardedRecords:
    """Consecutive records that are not retried any more."""

    mapping: EventSourceMapping
    source: ShardSource
    records: Sequence[StreamedRecord]
    condition: str
    """Lambda's name of the condition: `RetryAttemptsExhausted` or `RecordAgeExceeded`."""
    invoked: int
    reason: str
    raised: bool
    """Whether the function raised an error, rather than reporting failed items."""


class StreamFailures:
    """Notifies on-failure destinations of discarded records, and records them in the journal."""

    def __init__(self, engine: Engine, queues: Queues, topics: Topics) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics

    def discard(self, discarded: DiscardedRecords) -> None:
        """Notify the mapping's on-failure destination and record each discarded record."""
        where = self._notify(discarded)
        source, reason = discarded.source.label, f"{discarded.condition}: {discarded.reason}"
        for record in discarded.records:
            if where is None:
                self._queues.drop(source, record.event, reason, record.text)
                continue
            self._engine.journal.write(
                Kind.DEAD_LETTERED, source, where, record.event, message_id=record.id, reason=reason
            )
            self._engine.journal.record_undelivered(record.event, where, reason, record.text)

    def _notify(self, discarded: DiscardedRecords) -> str | None:
        """Send the metadata and return the destination; None if there is none."""
        config = discarded.mapping.destination_config or {}
        arn: str = (config.get("OnFailure") or {}).get("Destination") or ""
        function = function_in(discarded.mapping.function_arn)
        if arn and self._engine.access.authorize_function(function, *destination_access(arn)):
            return None
        if ":s3:" in arn:
            return self._store(discarded, name_in(arn))
        body = json.dumps(self._metadata(discarded))
        if (queue := self._engine.sqs.queues.get(name_in(arn))) and queue.queue_arn == arn:
            self._queues.send(queue, body, source=f"function/{function}")
            return f"queue/{queue.name}"
        if topic := self._engine.sns.topics.get(arn):
            self._topics.publish(topic, body)
            return f"topic/{topic.name}"
        return None

    def _store(self, discarded: DiscardedRecords, bucket: str) -> str | None:
        """Write the metadata with the records to a bucket, which alone gets them."""
        backend = s3_backends[self._engine.account][PARTITION]
        if bucket not in backend.buckets:
            return None
        mapping = discarded.mapping
        invocation = discarded.source.batch([discarded.source.present(each) for each in discarded.records])
        body = json.dumps({**self._metadata(discarded), "payload": json.dumps(invocation)})
        now, shard = self._engine.clock.now(), discarded.source.shard_id
        key = f"aws/lambda/{mapping.uuid}/{shard}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{mock_random.uuid4()}"
        backend.put_object(bucket, key, body.encode())
        return f"bucket/{bucket}"

    def _metadata(self, discarded: DiscardedRecords) -> dict[str, Any]:
        return {
            "requestContext": {
                "requestId": str(mock_random.uuid4()),
                "functionArn": discarded.mapping.function_arn,
                "condition": discarded.condition,
                "approximateInvokeCount": discarded.invoked,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": self._version(discarded.mapping.function_arn),
                "functionError": "Unhandled" if discarded.raised else None,
            },
            "version": "1.0",
            "timestamp": self._engine.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **discarded.source.batch_info(discarded.records, discarded.mapping.event_source_arn),
        }

    def _version(self, function_arn: str) -> str:
        return str(self._engine.functions.get_function(function_arn).version)
