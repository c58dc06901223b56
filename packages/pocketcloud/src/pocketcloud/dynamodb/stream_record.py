"""Records of a table's stream, with the event they contain and their form for Lambda."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from sys import intern
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamRecord, StreamShard, Table
from moto.moto_api._internal import mock_random

from pocketcloud.core.journal import EventRef, event_in_text
from pocketcloud.dynamodb.attribute_values import NotPlannedError, plain_attributes

_VIEWS = {
    "NewImage": frozenset({"NEW_IMAGE", "NEW_AND_OLD_IMAGES"}),
    "OldImage": frozenset({"OLD_IMAGE", "NEW_AND_OLD_IMAGES"}),
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html"""


class JournaledRecord(StreamRecord):
    """A stream record with its time and the event in its new image.

    It refers to the rows, which nothing changes after they were written, and copies them when it is read.
    """

    __slots__ = ("_identifier", "_name", "_new", "_old", "_shard", "_view", "number", "written_at")

    def __init__(self, shard: StreamShard, name: str, old: Item | None, new: Item | None) -> None:
        self.number = shard.starting_sequence_number + len(shard.items)
        self.written_at = datetime.now(UTC)
        self._identifier = mock_random.getrandbits(128)
        self._name = name
        self._shard = shard
        self._view = intern(str((shard.table.stream_specification or {})["StreamViewType"]))
        self._old, self._new = old, new

    @property
    def id(self) -> str:
        """The id of the change."""
        return f"{self._identifier:032x}"

    @property
    def event(self) -> EventRef | None:
        """The event in the new image; None if there is none."""
        return event_in_text(self.text) if self.text else None

    @property
    def sequence(self) -> str:
        """Its sequence number."""
        return str(self.number)

    @property
    def order_key(self) -> str:
        """The item's partition and sort key: Lambda keeps changes of one item in order."""
        return "#".join(str(key.value) for key in self._keys().values())

    @property
    def text(self) -> str:
        """The event's text in the row; empty if there is none."""
        row = self._images().get("NewImage")
        event = row.attrs.get("event") if row is not None else None
        return str(event.value) if event is not None and event.type == "S" else ""

    @property
    def record(self) -> dict[str, Any]:  # type: ignore[override]  # moto's is an attribute
        """A copy of moto's record; its size is the size of the keys and images."""
        return {**self._source(), "dynamodb": self._change(_attributes)}

    def as_lambda_record(self, stream_arn: str, region: str) -> dict[str, Any]:
        """Return a copy of the record as a function receives it."""
        change = self._change(_json_attributes)
        return {
            **self._source(),
            "awsRegion": region,
            "dynamodb": {**change, "ApproximateCreationDateTime": self.written_at.timestamp()},
            "eventSourceARN": stream_arn,
        }

    def _source(self) -> dict[str, Any]:
        return {
            "eventID": self.id,
            "eventName": self._name,
            "eventSource": "aws:dynamodb",
            "eventVersion": "1.1",
            "awsRegion": self._shard.table.region_name,
        }

    def _keys(self) -> dict[str, DynamoType]:
        item = self._old or self._new
        attributes = item.attrs if item is not None else {}
        return {name: attributes[name] for name in self._shard.table.table_key_attrs if name in attributes}

    def _images(self) -> dict[str, Item]:
        return {
            name: image
            for name, image in (("NewImage", self._new), ("OldImage", self._old))
            if image is not None and self._view in _VIEWS[name]
        }

    def _change(self, attributes_of: Callable[[Item], dict[str, Any]]) -> dict[str, Any]:
        keys, images = self._keys(), self._images().items()
        return {
            "StreamViewType": self._view,
            "ApproximateCreationDateTime": self.written_at.replace(tzinfo=None),
            "SequenceNumber": str(self.number),
            "SizeBytes": sum(len(name.encode()) + value.size() for name, value in keys.items())
            + sum(image.size() for _, image in images),
            "Keys": {name: value.to_json() for name, value in keys.items()},
            **{name: attributes_of(image) for name, image in images},
        }


def _attributes(row: Item) -> dict[str, Any]:
    attributes: dict[str, Any] = row.to_json()["Attributes"]
    return attributes


def _json_attributes(row: Item) -> dict[str, Any]:
    """Return a copy of a row's attributes, with binary values in base64."""
    try:
        return plain_attributes(row.attrs)
    except NotPlannedError:
        copy: dict[str, Any] = json.loads(json.dumps(_attributes(row), default=_binary))
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
