"""The relay, asked to publish: nobody else may put events on the order bus.

What goes out is the event log's own rows, as its stream would tell of them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.contracts.codec import read_envelope
from infrastructure.names import LIVE, Names

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ROWS_AT_ONCE = 40
"""Of at most 64 KiB, twice that where every character is escaped, in an invocation of at most 6 MB."""

Row = Mapping[str, Any]


class NotPublishedError(Exception):
    """The relay could not publish it this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The way to the relay."""

    lambda_: "LambdaClient"
    names: Names

    def publish(self, rows: Sequence[Row]) -> None:
        """Have at most forty published; raises `NotPublishedError` unless the relay is done with each."""
        answer = self.lambda_.invoke(
            FunctionName=self.names.relay,
            Qualifier=LIVE,
            Payload=json.dumps({"Records": [_record(n, row) for n, row in enumerate(rows)]}).encode(),
        )
        payload = json.loads(answer["Payload"].read())
        # With one that it sets aside again it is done, too: there is a new dead letter for it.
        if answer.get("FunctionError") or payload != {"batchItemFailures": []}:
            raise NotPublishedError("The relay did not publish it.")


def _record(number: int, row: Row) -> dict[str, Any]:
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
    return read_envelope(row["event"]["S"]).timestamp.timestamp()
