"""New rows of the event log, from its stream."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row with the CloudEvents document of a decision; without one, the whole row as JSON."""

    sequence_number: str
    written_at: str
    """In milliseconds since the epoch, in the format of SQS."""
    document: str
    is_fact: bool


def inserted(records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the new rows; no role may change or delete a row."""
    return [_row(record["dynamodb"]) for record in records if record["eventName"] == "INSERT"]


def _row(change: Mapping[str, Any]) -> Row:
    image = change["NewImage"]
    document = image.get("event", {}).get("S")
    return Row(
        sequence_number=change["SequenceNumber"],
        written_at=str(int(float(change["ApproximateCreationDateTime"]) * 1000)),
        document=json.dumps(image) if document is None else document,
        is_fact=document is not None,
    )
