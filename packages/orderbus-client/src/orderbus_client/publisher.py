"""The publisher: validates, batches, checks every entry, retries, and reports the rest."""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from orderbus_client.bus_entry import MAXIMUM_BATCH_BYTES, BusEntry, batches, entry_of
from orderbus_client.contracts.shared.codec import Rejected, UnreadableFactError
from orderbus_client.contracts.shared.envelope import Event
from orderbus_client.publish_report import DEADLINE, INVALID, PublishedEvent, PublishReport, UnpublishedEvent
from orderbus_client.put_events import EntryFailure, put_events
from orderbus_client.retry_policy import RetryPolicy

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

CONNECT_SECONDS = 5
READ_SECONDS = 10
_NO_TIME = EntryFailure(code=DEADLINE, message="no time was left to send it", is_retryable=True)

INVALID_EVENT = (TypeError, ValueError, OverflowError)
"""Raised for a value that is no JSON."""

Result = PublishedEvent | UnpublishedEvent


class Publisher:
    """Publishes events on one bus.

    Batches go out in the order of the events, each after the retries of the one before it. EventBridge itself
    promises no order, and an event that fails does not stop the ones behind it.
    """

    def __init__(
        self,
        bus: str,
        *,
        client: "EventBridgeClient | None" = None,
        policy: RetryPolicy | None = None,
        maximum_batch_bytes: int = MAXIMUM_BATCH_BYTES,
    ) -> None:
        """`bus` is a name, or an ARN in another account. The client's own retries add to the policy's."""
        self._bus = bus
        self._client = client or _client()
        self._policy = policy or RetryPolicy()
        self._maximum_batch_bytes = maximum_batch_bytes

    def publish(self, events: Iterable[Event[Any]]) -> PublishReport:
        """Publish the events; return one result for each, in the same order, and raise for none of them."""
        deadline = time.monotonic() + self._policy.deadline_seconds
        checked = [_checked(event) for event in events]
        entries = [each for each in checked if isinstance(each, BusEntry)]
        sent = iter([each for batch in self._batches(entries) for each in self._send(batch, deadline)])
        return PublishReport(tuple(next(sent) if isinstance(each, BusEntry) else each for each in checked))

    def _batches(self, entries: Sequence[BusEntry]) -> Iterator[list[BusEntry]]:
        return batches(entries, maximum_bytes=self._maximum_batch_bytes)

    def _send(self, batch: Sequence[BusEntry], deadline: float) -> list[Result]:
        """Send one batch until every entry is published, permanently rejected or out of attempts or time."""
        results: dict[int, Result] = {}
        waiting = dict(enumerate(batch))
        attempt = 0
        while waiting:
            if time.monotonic() >= deadline and attempt == 0:
                return [_result(entry, _NO_TIME, attempts=0) for entry in batch]
            attempt += 1
            outcomes = put_events(self._client, self._bus, list(waiting.values()))
            for (place, entry), outcome in zip(waiting.items(), outcomes, strict=True):
                results[place] = _result(entry, outcome, attempts=attempt)
            waiting = {place: waiting[place] for place in waiting if _may_retry(results[place])}
            if not waiting or not self._waits(attempt, deadline):
                break
        return [results[place] for place in range(len(batch))]

    def _waits(self, attempt: int, deadline: float) -> bool:
        """Wait before the next attempt; return False if there may be none."""
        pause = self._policy.pause_seconds(attempt)
        if attempt >= self._policy.attempts or time.monotonic() + pause >= deadline:
            return False
        time.sleep(pause)
        return True


def _client() -> "EventBridgeClient":
    """Return a client that leaves retries to the publisher, which knows the entries and the deadline."""
    config = Config(
        retries={"total_max_attempts": 1}, connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS
    )
    return boto3.client("events", config=config)


def _checked(event: Event[Any]) -> BusEntry | UnpublishedEvent:
    try:
        return entry_of(event)
    except (*INVALID_EVENT, Rejected, UnreadableFactError) as error:
        invalid = EntryFailure(code=INVALID, message=str(error), is_retryable=False)
        return _unpublished(event, invalid, attempts=0)


def _result(entry: BusEntry, outcome: str | EntryFailure, *, attempts: int) -> Result:
    if isinstance(outcome, str):
        return PublishedEvent(event=entry.event, eventbridge_id=outcome)
    return _unpublished(entry.event, outcome, attempts=attempts)


def _unpublished(event: Event[Any], error: EntryFailure, *, attempts: int) -> UnpublishedEvent:
    return UnpublishedEvent(
        event=event,
        code=error.code,
        message=error.message,
        attempts=attempts,
        is_retryable=error.is_retryable,
    )


def _may_retry(result: Result) -> bool:
    return isinstance(result, UnpublishedEvent) and result.is_retryable
