"""Facts that the relay did not publish, by the relay itself: nobody else may put events on the order bus.

What goes out is the event log's own row. A dead letter says which one, and is not taken at its word.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from functions.shared.contracts.codec import Rejected, read_envelope
from infrastructure.names import LIVE, Names
from ops.dead_letters.label import GivenUp, Label

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

ROWS_AT_ONCE = 40
"""Of at most 64 KiB, twice that where every character is escaped, in an invocation of at most 6 MB."""
EARLIER, LATER = timedelta(minutes=5), timedelta(minutes=1)
"""A fact is timed before its row is written, by a clock that may be wrong; one too many is harmless."""

Row = Mapping[str, Any]


class NotPublishedError(Exception):
    """The relay could not publish it this time."""


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """A row of the event log, found by its time."""

    time: datetime
    pk: str
    sk: str


@dataclass(kw_only=True)
class Republication:
    """The event log's rows, found and handed to the relay as its stream would."""

    dynamodb: "DynamoDBClient"
    lambda_: "LambdaClient"
    names: Names
    _published: set[Key] = field(default_factory=set)

    def row_of(self, label: Label) -> Row | None:
        """The log's row of that event."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.names.event_log,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{label.source}#{label.subject}"}},
            ConsistentRead=True,
        )
        rows = (row for page in pages for row in page["Items"])
        return next((row for row in rows if row.get("id", {}).get("S") == label.id), None)

    def keys_of(self, lost: GivenUp) -> Sequence[Key]:
        """The rows that may have been among these records, and some that were written about then."""
        first, last = (datetime.fromisoformat(at) for at in (lost.arrivals.first, lost.arrivals.last))
        start = bisect_left(self._log, first - EARLIER, key=lambda key: key.time)
        return self._log[start : bisect_right(self._log, last + LATER, key=lambda key: key.time)]

    def publish_keys(self, keys: Sequence[Key]) -> None:
        """Have these published, except those that this command has had published before."""
        new = [key for key in keys if key not in self._published]
        for start in range(0, len(new), ROWS_AT_ONCE):
            some = new[start : start + ROWS_AT_ONCE]
            self.publish([row for key in some if (row := self._row(key)) is not None])
            self._published.update(some)

    def publish(self, rows: Sequence[Row]) -> None:
        """Have the relay publish these rows; raises `NotPublishedError` unless it is done with each."""
        answer = self.lambda_.invoke(
            FunctionName=self.names.relay,
            Qualifier=LIVE,
            Payload=json.dumps({"Records": [_record(n, row) for n, row in enumerate(rows)]}).encode(),
        )
        payload = json.loads(answer["Payload"].read())
        # With one that it sets aside again it is done, too: there is a new dead letter for it.
        if answer.get("FunctionError") or payload != {"batchItemFailures": []}:
            raise NotPublishedError("The relay did not publish it.")

    @cached_property
    def _log(self) -> list[Key]:
        """The whole log's keys, the oldest first; read once a command, and only where it is needed."""
        return sorted(self._keys())

    def _keys(self) -> Iterator[Key]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.names.event_log, ConsistentRead=True
        )
        for row in (row for page in pages for row in page["Items"]):
            try:
                time = read_envelope(row["event"]["S"]).time
            except (KeyError, Rejected):
                continue  # the relay has set it aside, with its own dead letter
            yield Key(time, row["pk"]["S"], row["sk"]["S"])

    def _row(self, key: Key) -> Row | None:
        answer = self.dynamodb.get_item(
            TableName=self.names.event_log,
            Key={"pk": {"S": key.pk}, "sk": {"S": key.sk}},
            ConsistentRead=True,
        )
        return answer.get("Item")


def _record(number: int, row: Row) -> dict[str, Any]:
    """The row as the log's stream would tell of it."""
    return {
        "eventID": f"{number:032}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": _seconds(row),
            "NewImage": row,
        },
    }


def _seconds(row: Row) -> float:
    return read_envelope(row["event"]["S"]).time.timestamp()
