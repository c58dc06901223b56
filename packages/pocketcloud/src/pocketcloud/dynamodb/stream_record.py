"""Records of a table's stream, with the event they contain and their form for Lambda."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table

from pocketcloud.core.journal import EventRef, event_in_text


class JournaledRecord(StreamRecord):
    """A stream record with its time and the event in its new image."""

    def __init__(self, shard: StreamShard, name: str, old: Item | None, new: Item | None) -> None:
        view = str((shard.table.stream_specification or {})["StreamViewType"])
        number = shard.starting_sequence_number + len(shard.items)
        super().__init__(shard.table, view, name, old, new, number)
        self.number = number
        self.written_at = datetime.now(UTC)
        self.text: str = self.record["dynamodb"].get("NewImage", {}).get("event", {}).get("S", "")
        """The event's text in the row; empty if there is none."""
        self.event: EventRef | None = event_in_text(self.text) if self.text else None

    def as_lambda_record(self, stream_arn: str, region: str) -> dict[str, Any]:
        """Return a copy of the record as a function receives it."""
        change = {**self.record["dynamodb"], "ApproximateCreationDateTime": self.written_at.timestamp()}
        presented = {
            **self.record,
            "eventVersion": "1.1",
            "awsRegion": region,
            "dynamodb": change,
            "eventSourceARN": stream_arn,
        }
        copy: dict[str, Any] = json.loads(json.dumps(presented, default=_binary))
        return copy


def change_name(old: Item | None, new: Item | None) -> str | None:
    """Return the name of the change; None if nothing changed, which DynamoDB omits from the stream."""
    if old is None:
        return "INSERT"
    if new is None:
        return "REMOVE"
    return None if _is_same(old, new) else "MODIFY"


def _is_same(old: Item, new: Item) -> bool:
    """Return whether all attributes are written the same; an update keeps those that it does not set."""
    return old.attrs.keys() == new.attrs.keys() and all(
        value is new.attrs[name] or value.to_regular_json() == new.attrs[name].to_regular_json()
        for name, value in old.attrs.items()
    )


def shard_of(table: Table | None) -> StreamShard | None:
    """Return the table's only shard; None if it has no stream."""
    return table.stream_shard if table is not None else None


def _binary(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"not an attribute value: {value!r}")
