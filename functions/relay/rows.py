"""The event log's new rows, as its stream tells of them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One decision's row: its fact's CloudEvents document; or, where it has none, all that it holds."""

    sequence_number: str
    written_at: str
    """In milliseconds, as SQS counts them."""
    document: str
    is_fact: bool


def inserted(records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The rows that are new; no role may change or remove one, and an administrator decides nothing."""
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
