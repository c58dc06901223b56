"""A pipe that reads a stream: its options, and the target as the consumer of a shard.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-kinesis.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-dynamodb.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-batching-concurrency.html
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from moto.pipes.models import Pipe

from pocketcloud.awslambda.shard_source import ShardSource, StreamedRecord
from pocketcloud.awslambda.stream_consumer import ConsumedBatch, DiscardedRecords, StreamOptions
from pocketcloud.awslambda.stream_failure import StreamFailures, batch_metadata
from pocketcloud.core.engine import Engine
from pocketcloud.eventbridge.pipe_access import PIPES, PipePermission
from pocketcloud.eventbridge.pipe_batch import PipeBatch, PipeItem
from pocketcloud.eventbridge.pipe_targets import PipeTargets
from pocketcloud.iam.access_request import AccessRequest
from pocketcloud.iam.principals import role
from pocketcloud.kinesis.kinesis_source import KinesisSource
from pocketcloud.kinesis.record import KinesisRecord

PARAMETERS = {"dynamodb": "DynamoDBStreamParameters", "kinesis": "KinesisStreamParameters"}
"""The parameters of each kind of stream."""
_DEFAULT_BATCH = 1
_BISECT = "AUTOMATIC_BISECT"


class PipeStreamOptions:
    """The options of a pipe that reads a stream; an update of the pipe applies at once."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    @property
    def enabled(self) -> bool:
        """Whether the pipe is running."""
        return self._pipe.desired_state == "RUNNING"

    @property
    def event_source_arn(self) -> str:
        """The stream."""
        return self._pipe.source

    @property
    def batch_size(self) -> int:
        """The most records of a batch."""
        return int(self._given.get("BatchSize") or _DEFAULT_BATCH)

    @property
    def max_batch_window(self) -> int | None:
        """Seconds to wait for a full batch."""
        return self._given.get("MaximumBatchingWindowInSeconds")

    @property
    def filter_criteria(self) -> Mapping[str, Any] | None:
        """The patterns of wanted records."""
        return (self._pipe.source_parameters or {}).get("FilterCriteria")

    @property
    def bisect_on_error(self) -> bool:
        """Whether a failed batch is split in two."""
        return self._given.get("OnPartialBatchItemFailure") == _BISECT

    @property
    def max_retry_attempts(self) -> int | None:
        """Retries of a batch; none or -1 is without limit."""
        return self._given.get("MaximumRetryAttempts")

    @property
    def max_record_age(self) -> int | None:
        """Seconds after which a record is discarded; none or -1 is never."""
        return self._given.get("MaximumRecordAgeInSeconds")

    @property
    def parallelization_factor(self) -> int | None:
        """The lanes in which the shard is read."""
        return self._given.get("ParallelizationFactor")

    @property
    def starting_position(self) -> str | None:
        """LATEST, TRIM_HORIZON or AT_TIMESTAMP."""
        return self._given.get("StartingPosition")

    @property
    def starting_position_timestamp(self) -> Any:
        """The time to start from."""
        return self._given.get("StartingPositionTimestamp")

    @property
    def dead_letters(self) -> str:
        """The queue or topic that is notified of discarded records; empty if there is none."""
        return str(self._given.get("DeadLetterConfig", {}).get("Arn") or "")

    @property
    def _given(self) -> dict[str, Any]:
        name = PARAMETERS[self._pipe.source.split(":")[2]]
        found: dict[str, Any] = (self._pipe.source_parameters or {}).get(name) or {}
        return found


class PipeConsumer:
    """Sends batches to a pipe's target, and notifies its dead-letter queue of discarded ones."""

    window = None
    """Pipes have no tumbling windows."""

    def __init__(
        self,
        engine: Engine,
        targets: PipeTargets,
        failures: StreamFailures,
        pipe: Pipe,
        source: ShardSource,
    ) -> None:
        self._engine = engine
        self._targets = targets
        self._failures = failures
        self._pipe = pipe
        self._source = source
        self._options = PipeStreamOptions(pipe)
        self._permission = PipePermission(engine, pipe, source.read_actions)

    @property
    def options(self) -> StreamOptions:
        """The options of the pipe for reading the shard."""
        return self._options

    @property
    def label(self) -> str:
        """The pipe's name in the journal."""
        return f"pipe/{self._pipe.name}"

    @property
    def is_denied(self) -> bool:
        """Whether the current policies denied a poll."""
        return self._permission.is_denied

    def may_poll(self) -> bool:
        """Return whether the pipe's role may read the shard."""
        return self._permission.check()

    def consume(
        self, records: Sequence[StreamedRecord], presented: Sequence[dict[str, Any]]
    ) -> ConsumedBatch:
        """Send the batch to the target."""
        pairs = zip(records, presented, strict=True)
        items = [PipeItem(record.id, record.event, shown) for record, shown in pairs]
        failed = self._targets.send(PipeBatch(self._pipe, items))
        return ConsumedBatch({each.sequence: failed[each.id] for each in records if each.id in failed})

    def close_window(self) -> str | None:
        """Return nothing: there is no window."""
        return None

    def discard(self, batch: DiscardedRecords) -> None:
        """Send the metadata of discarded records to the dead-letter queue or topic."""
        self._failures.record(self._source, batch, self._notify(batch))

    def discard_window(self, reason: str) -> None:
        """Do nothing: there is no window."""

    def has_other_readers(self) -> bool:
        """Return True: mappings and other pipes may read the same stream."""
        return True

    def _notify(self, batch: DiscardedRecords) -> str | None:
        """Return the destination that was notified; None if there is none, or the role may not."""
        arn, access = self._options.dead_letters, self._engine.access
        action = "sns:Publish" if ":sns:" in arn else "sqs:SendMessage"
        if not arn or access.authorize(role(self._pipe.role_arn, PIPES), AccessRequest(action, arn)):
            return None
        body = {
            "context": {"partnerResourceArn": self._pipe.arn, "condition": batch.condition},
            **batch_metadata(self._source, batch, self._pipe.source, self._engine.clock.now()),
        }
        return self._failures.send(arn, json.dumps(body), self.label)


class PipeShardSource(KinesisSource):
    """A shard of a data stream, whose records a pipe passes on without the member `kinesis`."""

    def present(self, record: KinesisRecord) -> dict[str, Any]:
        """Return the record as the target receives it, with the pipe's role."""
        shown = super().present(record)
        return {**shown.pop("kinesis"), **shown}

    def filtered(self, record: KinesisRecord, presented: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the record as the pipe's filters see it."""
        return {**presented, **super().filtered(record, presented)}
