"""One PutEvents request, with a result for each entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore import exceptions

from orderbus_client.bus_entry import BusEntry
from orderbus_client.publish_report import NO_RESPONSE
from orderbus_client.retry_policy import RETRYABLE_CODES

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFailure:
    """Why EventBridge did not take an entry."""

    code: str
    message: str
    is_retryable: bool


def put_events(client: "EventBridgeClient", bus: str, batch: Sequence[BusEntry]) -> list[str | EntryFailure]:
    """Send one request; return for each entry EventBridge's id or the error.

    HTTP reports a partial failure as success, so each entry of the response counts.
    """
    try:
        response = client.put_events(Entries=[entry.request(bus) for entry in batch])
    except exceptions.ClientError as error:
        return [_of_request(error)] * len(batch)
    except (exceptions.HTTPClientError, exceptions.ConnectionError) as error:
        return [_no_response(type(error).__name__)] * len(batch)
    except exceptions.BotoCoreError as error:
        return [EntryFailure(code=type(error).__name__, message=str(error), is_retryable=False)] * len(batch)
    results = response["Entries"]
    if len(results) != len(batch):
        return [_no_response(f"{len(results)} results for {len(batch)} entries")] * len(batch)
    return [_of_entry(result) for result in results]


def _of_request(error: exceptions.ClientError) -> EntryFailure:
    """Return the error of every entry of a rejected request."""
    code = error.response["Error"]["Code"]
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    message = error.response["Error"].get("Message", "")
    return EntryFailure(
        code=code, message=message, is_retryable=code in RETRYABLE_CODES or status >= SERVER_ERROR
    )


def _of_entry(result: Mapping[str, Any]) -> str | EntryFailure:
    code = result.get("ErrorCode")
    if code is None:
        return str(result["EventId"])
    message = str(result.get("ErrorMessage", ""))
    return EntryFailure(code=code, message=message, is_retryable=code in RETRYABLE_CODES)


def _no_response(message: str) -> EntryFailure:
    """Return the error of an entry that may have been published; its id makes a second one harmless."""
    return EntryFailure(code=NO_RESPONSE, message=message, is_retryable=True)
