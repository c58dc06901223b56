"""One record of a shard."""

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from pocketcloud.core.journal import EventRef, event_in_text


@dataclass(frozen=True)
class KinesisRecord:
    """Data with its partition key, in its place in a shard."""

    shard_id: str
    number: int
    """Its place in the shard, from 0."""
    sequence: str
    partition_key: str
    data: bytes
    written_at: datetime
    encryption: str | None = None
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"{self.shard_id}:{self.sequence}")

    @property
    def order_key(self) -> str:
        """The partition key."""
        return self.partition_key

    @cached_property
    def text(self) -> str:
        """The data as text; empty if it is not text."""
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return ""

    @cached_property
    def event(self) -> EventRef | None:
        """The CloudEvent in the data, if any."""
        return event_in_text(self.text) if self.text else None

    @property
    def size(self) -> int:
        """Bytes that count towards limits: the data and the partition key."""
        return len(self.data) + len(self.partition_key.encode())

    def as_read(self) -> dict[str, Any]:
        """Return the record as GetRecords does."""
        read = {
            "SequenceNumber": self.sequence,
            "ApproximateArrivalTimestamp": self.written_at,
            "Data": self.data,
            "PartitionKey": self.partition_key,
        }
        return {**read, "EncryptionType": self.encryption} if self.encryption else read

    def as_lambda_record(self, stream_arn: str, region: str) -> dict[str, Any]:
        """Return the record as a function receives it, without the function's role.

        https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
        """
        return {
            "kinesis": {**self._described(), "data": base64.b64encode(self.data).decode()},
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": self.id,
            "eventName": "aws:kinesis:record",
            "awsRegion": region,
            "eventSourceARN": stream_arn,
        }

    def as_filtered(self) -> dict[str, Any]:
        """Return the record as a mapping's filters see it: its data decoded, and parsed if it is JSON.

        https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
        """
        try:
            data: object = json.loads(self.text)
        except ValueError:
            data = self.text
        return {**self._described(), "data": data}

    def _described(self) -> dict[str, Any]:
        return {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": self.partition_key,
            "sequenceNumber": self.sequence,
            "approximateArrivalTimestamp": self.written_at.timestamp(),
        }
