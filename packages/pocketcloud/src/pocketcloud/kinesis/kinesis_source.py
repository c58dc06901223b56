"""A shard of a data stream as the source of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pocketcloud.awslambda.shard_source import shard_info
from pocketcloud.core.engine import Engine
from pocketcloud.kinesis.record import KinesisRecord
from pocketcloud.kinesis.shard import Shard
from pocketcloud.kinesis.stream import Stream


class KinesisSource:
    """One shard, read for one function."""

    read_actions: tuple[str, ...] = ("kinesis:GetShardIterator", "kinesis:GetRecords")

    def __init__(self, engine: Engine, stream: Stream, shard: Shard, role: Callable[[], str]) -> None:
        self._engine = engine
        self._stream = stream
        self._shard = shard
        self._role = role
        self.label = f"stream/{stream.name}"

    @property
    def retention(self) -> timedelta:
        """The retention of records."""
        return self._stream.retention

    @property
    def shard_id(self) -> str:
        """The shard's id."""
        return self._shard.id

    @property
    def is_closed(self) -> bool:
        """Whether the shard was split or merged."""
        return not self._shard.is_open

    def shard(self) -> Shard:
        """Return the shard."""
        return self._shard

    def present(self, record: KinesisRecord) -> dict[str, Any]:
        """Return the record as the function receives it, with the function's role."""
        shown = record.as_lambda_record(self._stream.arn, self._engine.region)
        return {**shown, "invokeIdentityArn": self._role()}

    def filtered(self, record: KinesisRecord, _: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the record as the mapping's filters see it."""
        return record.as_filtered()

    def batch(self, presented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the event of these records."""
        return {"Records": list(presented)}

    def batch_info(self, records: Sequence[KinesisRecord], arn: str) -> dict[str, Any]:
        """Return the member of an on-failure message that describes these records."""
        return {"KinesisBatchInfo": shard_info(self.shard_id, records, arn)}

    def reported(self, identifier: object) -> object:
        """Return the sequence number that the function names as failed."""
        return identifier
