"""Publish facts through the relay, the only component that may put events on the order bus.

The relay gets rows of the event log in the form of the log's stream.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.shared.contracts.codec import read_envelope
from infrastructure.names import LIVE, Names

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ROWS_PER_REQUEST = 40
"""Rows of up to 64 KiB, or twice that with every character escaped, per request of up to 6 MB."""

Row = Mapping[str, Any]


class NotPublishedError(Exception):
    """The relay did not publish the rows this time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayClient:
    """A client of the relay's function."""

    lambda_: "LambdaClient"
    names: Names
    function: str | None = None
    """Another function that reads the log's stream as the relay does; None: the relay."""

    def publish(self, rows: Sequence[Row]) -> None:
        """Publish up to forty rows; raise `NotPublishedError` unless the relay has processed each.

        A row that the relay dead-letters again counts as processed: it has a new message.
        """
        response = self.lambda_.invoke(
            FunctionName=self.function or self.names.relay,
            Qualifier=LIVE,
            Payload=json.dumps({"Records": [_record(n, row) for n, row in enumerate(rows)]}).encode(),
        )
        payload = json.loads(response["Payload"].read())
        if response.get("FunctionError") or payload != {"batchItemFailures": []}:
            raise NotPublishedError("The relay did not publish the facts.")


def _record(number: int, row: Row) -> dict[str, Any]:
    return {
        "eventID": f"{number:032}",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": _timestamp(row),
            "NewImage": row,
        },
    }


def _timestamp(row: Row) -> float:
    return read_envelope(row["event"]["S"]).timestamp.timestamp()
