"""Records of a table's stream, with the event they contain and their form for Lambda."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from moto.core.utils import utcnow
from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.moto_api._internal import mock_random

from pocketcloud.core.journal import EventRef, event_in_text

_VIEWS = {
    "NewImage": frozenset({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"}),
    "OldImage": frozenset({"OLD_IMAGE", "NEW_AND_OLD_IMAGES"}),
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html"""


class JournaledRecord(StreamRecord):
    """A stream record with its time and the event in its new image."""

    def __init__(self, shard: StreamShard, name: str, old: Item | None, new: Item | None) -> None:
        self.number = shard.starting_sequence_number + len(shard.items)
        self.written_at = datetime.now(UTC)
        self.record = {
            "eventID": mock_random.uuid4().hex,
            "eventName": name,
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.1",
            "awsRegion": shard.table.region_name,
            "dynamodb": self._change(shard.table, old, new),
        }
        self.text: str = self.record["dynamodb"].get("NewImage", {}).get("event", {}).get("S", "")
        """The event's text in the row; empty if there is none."""
        self.event: EventRef | None = event_in_text(self.text) if self.text else None

    def _change(self, table: Table, old: Item | None, new: Item | None) -> dict[str, Any]:
        """Return what moto's record has, with the size of the keys and images instead of their JSON."""
        view = str((table.stream_specification or {})["StreamViewType"])
        item = old or new
        keys = {name: item.attrs[name] for name in table.table_key_attrs} if item is not None else {}
        images = {
            name: image
            for name, image in (("NewImage", new), ("OldImage", old))
            if image is not None and view in _VIEWS[name]
        }
        return {
            "StreamViewType": view,
            "ApproximateCreationDateTime": utcnow(),
            "SequenceNumber": str(self.number),
            "SizeBytes": sum(len(name.encode()) + value.size() for name, value in keys.items())
            + sum(image.size() for image in images.values()),
            "Keys": {name: value.to_json() for name, value in keys.items()},
            **{name: image.to_json()["Attributes"] for name, image in images.items()},
        }

    def as_lambda_record(self, stream_arn: str, region: str) -> dict[str, Any]:
        """Return a copy of the record as a function receives it."""
        change = {**self.record["dynamodb"], "ApproximateCreationDateTime": self.written_at.timestamp()}
        presented = {
            **self.record,
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
