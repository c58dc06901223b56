"""New rows of the event log, as records of the ordered stream."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec


class OrderedRecord(msgspec.Struct, frozen=True):
    """A CloudEvents document with its partition key: the aggregate, which is the order for most events."""

    sequence_number: str
    """The row's place in the table's stream, by which a failure is reported."""
    key: str
    document: str


def inserted(records: Sequence[Mapping[str, Any]]) -> list[OrderedRecord]:
    """Return the records of new rows; the relay dead-letters a row without an event."""
    changes = [record["dynamodb"] for record in records if record["eventName"] == "INSERT"]
    return [_record(change) for change in changes if "S" in change["NewImage"].get("event", {})]


def _record(change: Mapping[str, Any]) -> OrderedRecord:
    row = change["NewImage"]
    _, _, aggregate = row["pk"]["S"].partition("#")
    return OrderedRecord(change["SequenceNumber"], aggregate, row["event"]["S"])


def waves(records: Sequence[OrderedRecord]) -> Iterator[list[OrderedRecord]]:
    """Yield the records in requests that have each key at most once.

    Kinesis puts the records of one request in any order, and may reject one and take the next of its key.
    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecords.html
    """
    rest = list(records)
    while rest:
        wave = list({record.key: record for record in reversed(rest)}.values())[::-1]
        yield wave
        sent = {record.sequence_number for record in wave}
        rest = [record for record in rest if record.sequence_number not in sent]
