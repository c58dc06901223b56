"""A table's stream as the source of an event source mapping: one shard.

https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from moto.dynamodb.models.table import StreamShard

from pocketcloud.awslambda.shard_source import shard_info
from pocketcloud.core.engine import Engine
from pocketcloud.dynamodb.stream_record import JournaledRecord, shard_of


class TableSource:
    """The stream of one table."""

    read_actions: tuple[str, ...] = ("dynamodb:GetShardIterator", "dynamodb:GetRecords")
    retention = timedelta(hours=24)

    def __init__(self, engine: Engine, stream_arn: str) -> None:
        self._engine = engine
        self._arn = stream_arn
        _, self._table, _, self._label = stream_arn.split("/", 3)
        self.label = f"table/{self._table}"

    @property
    def shard_id(self) -> str | None:
        """The shard's id."""
        shard = self.shard()
        return shard.id if shard is not None else None

    @property
    def is_closed(self) -> bool:
        """Whether the table is deleted."""
        return self._arn in self._engine.closed_streams

    def shard(self) -> StreamShard | None:
        """Return the shard of this very stream; a table that takes the name of a deleted one has another."""
        table = self._engine.dynamodb.tables.get(self._table)
        if table is not None and self._label == table.latest_stream_label:
            return shard_of(table)
        return self._engine.closed_streams.get(self._arn)

    def start(self, position: str | None) -> int:
        """Return the place where a mapping with this starting position starts."""
        shard = self.shard()
        if shard is None:
            return 0
        return shard.starting_sequence_number + (len(shard.items) if position == "LATEST" else 0)

    def present(self, record: JournaledRecord) -> dict[str, Any]:
        """Return the record as the function receives it."""
        return record.as_lambda_record(self._arn, self._engine.region)

    def filtered(self, _: JournaledRecord, presented: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the record as the mapping's filters see it."""
        return presented

    def batch(self, presented: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return the event of these records."""
        return {"Records": list(presented)}

    def batch_info(self, records: Sequence[JournaledRecord], arn: str) -> dict[str, Any]:
        """Return the member of an on-failure message that describes these records."""
        return {"DDBStreamBatchInfo": shard_info(self.shard_id, records, arn)}

    def reported(self, identifier: object) -> object:
        """Return the sequence number that the function names as failed."""
        return identifier
