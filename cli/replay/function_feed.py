"""Send facts to a bridge that reads the ordered stream: to its function, in the form of the stream's records.

Each order's facts leave in order, as from the stream. The function's response says which did not.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.core.event_log_reader import Row
from cli.replay.job import NotSentError
from cli.replay.retries import send_with_retries
from functions.shared.contracts.codec import read_envelope
from infrastructure.names import LIVE

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

RECORDS_PER_REQUEST = 40
"""Records of up to 64 KiB, a third more in base64, fit a request of 6 MB."""


@dataclass(frozen=True, kw_only=True)
class FunctionFeed:
    """Sends the facts of one replay to a function."""

    lambda_: "LambdaClient"
    function: str
    sleep: Callable[[float], None]

    def send(self, rows: Sequence[Row]) -> None:
        """Send the rows in order; raise `NotSentError` if one was not sent after several attempts."""
        records = [_record(number, row) for number, row in enumerate(rows)]
        pending = send_with_retries(records, self._attempt, self.sleep)
        if pending:
            raise NotSentError(f"{self.function} did not send {len(pending)} of {len(rows)} facts.")

    def _attempt(self, pending: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Invoke the function; return the records from the first that was not sent, as the stream does."""
        response = self.lambda_.invoke(
            FunctionName=self.function, Qualifier=LIVE, Payload=json.dumps({"Records": pending}).encode()
        )
        payload = json.loads(response["Payload"].read())
        if response.get("FunctionError"):
            return pending
        failed = {each["itemIdentifier"] for each in payload["batchItemFailures"]}
        places = (place for place, each in enumerate(pending) if each["kinesis"]["sequenceNumber"] in failed)
        first = next(places, len(pending))
        return pending[first:]


def _record(number: int, row: Row) -> dict[str, Any]:
    """Return the row as a record of the stream.

    https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
    """
    document = row["event"]["S"]
    envelope = read_envelope(document)
    return {
        "eventID": f"replay:{number}",
        "eventName": "aws:kinesis:record",
        "eventSource": "aws:kinesis",
        "kinesis": {
            "sequenceNumber": str(number),
            "partitionKey": envelope.subject,
            "data": b64encode(document.encode()).decode(),
            "approximateArrivalTimestamp": envelope.timestamp.timestamp(),
        },
    }
