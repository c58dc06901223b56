"""What a stream mapping gives up: metadata for its on-failure destination, and a note of every loss.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import EventSourceMapping
from moto.moto_api._internal import mock_random

from pocketcloud.core.engine import Engine, function_in, name_in
from pocketcloud.core.journal import Kind
from pocketcloud.dynamodb.stream_record import JournaledRecord
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Consecutive records that are not handed out any more."""

    mapping: EventSourceMapping
    table: str
    records: Sequence[JournaledRecord]
    condition: str
    """Lambda's name for it: `RetryAttemptsExhausted` or `RecordAgeExceeded`."""
    invoked: int
    reason: str


class StreamFailures:
    """Tells the mapping's on-failure destination, and the journal what is lost with the records."""

    def __init__(self, engine: Engine, queues: Queues, topics: Topics) -> None:
        self._engine = engine
        self._queues = queues
        self._topics = topics

    def give_up(self, given_up: GivenUp) -> None:
        """Send the metadata where the mapping says, and note each record."""
        where = self._tell(given_up)
        source, reason = f"table/{given_up.table}", f"{given_up.condition}: {given_up.reason}"
        for record in given_up.records:
            if where is None:
                self._queues.drop(source, record.event, reason, record.text)
                continue
            identifier: Any = record.record["eventID"]
            self._engine.journal.write(
                Kind.DEAD_LETTERED, source, where, record.event, message_id=identifier, reason=reason
            )
            self._engine.journal.lose(record.event, where, reason, record.text)

    def _tell(self, given_up: GivenUp) -> str | None:
        """Send the metadata; answers where it went, or None if there is nowhere."""
        config = given_up.mapping.destination_config or {}
        arn: str = (config.get("OnFailure") or {}).get("Destination") or ""
        body = json.dumps(self._metadata(given_up))
        function = function_in(given_up.mapping.function_arn)
        action = "sns:Publish" if ":sns:" in arn else "sqs:SendMessage"
        if arn and self._engine.access.ask_function(function, action, arn):
            return None
        if (queue := self._engine.sqs.queues.get(name_in(arn))) and queue.queue_arn == arn:
            self._queues.send(queue, body, source=f"function/{function}")
            return f"queue/{queue.name}"
        if topic := self._engine.sns.topics.get(arn):
            self._topics.publish(topic, body)
            return f"topic/{topic.name}"
        return None

    def _metadata(self, given_up: GivenUp) -> dict[str, Any]:
        first, last = given_up.records[0], given_up.records[-1]
        return {
            "requestContext": {
                "requestId": str(mock_random.uuid4()),
                "functionArn": given_up.mapping.function_arn,
                "condition": given_up.condition,
                "approximateInvokeCount": given_up.invoked,
            },
            "responseContext": {
                "statusCode": 200,
                "executedVersion": self._version(given_up.mapping.function_arn),
                "functionError": "Unhandled",
            },
            "version": "1.0",
            "timestamp": self._engine.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "DDBStreamBatchInfo": {
                "shardId": _shard_id(self._engine, given_up.table),
                "startSequenceNumber": str(first.number),
                "endSequenceNumber": str(last.number),
                "approximateArrivalOfFirstRecord": _instant(first),
                "approximateArrivalOfLastRecord": _instant(last),
                "batchSize": len(given_up.records),
                "streamArn": given_up.mapping.event_source_arn,
            },
        }

    def _version(self, function_arn: str) -> str:
        return str(self._engine.functions.get_function(function_arn).version)


def _shard_id(engine: Engine, table: str) -> str | None:
    shard = engine.dynamodb.tables[table].stream_shard
    return shard.id if shard is not None else None


def _instant(record: JournaledRecord) -> str:
    return record.written_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
