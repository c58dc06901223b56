"""Have the relay publish facts of the event log that it failed to publish.

A dead-lettered message only identifies the facts; the event log is the source of their content.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from cli.core.event_log_reader import FactLog, Place
from cli.core.fact_selection import FactSelection
from cli.core.relay_client import ROWS_PER_REQUEST, RelayClient, Row
from cli.dlq.discarded_batch import ArrivalWindow
from cli.dlq.event_label import Label
from functions.shared.contracts.codec import Rejected, read_envelope
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class UntimedError(Exception):
    """Lambda's message has no valid arrival time of its records."""


@dataclass(kw_only=True)
class Republication:
    """Rows of the event log, published by the relay as from the log's stream."""

    dynamodb: "DynamoDBClient"
    names: Names
    relay: RelayClient
    log: FactLog
    pause: Callable[[], None]
    """Called once per fact, to limit the rate."""
    _published: set[Place] = field(default_factory=set)

    def row_of(self, label: Label) -> Row | None:
        """Return the event's row."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.names.event_log,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"{label.source}#{label.subject}"}},
            ConsistentRead=True,
        )
        rows = (row for page in pages for row in page["Items"])
        return next((row for row in rows if _event_id_of(row) == label.id), None)

    def places_of(self, window: ArrivalWindow) -> Sequence[Place]:
        """Return the places of all rows from about the time of the discarded records.

        Raises:
            UntimedError: the message has no valid arrival time.
        """
        try:
            first, last = window.with_margins()
        except (ValueError, OverflowError) as error:
            raise UntimedError from error
        start = bisect_left(self._log_places, first, key=lambda place: place.time)
        return self._log_places[start : bisect_right(self._log_places, last, key=lambda place: place.time)]

    def publish_places(self, places: Sequence[Place]) -> None:
        """Publish the rows, except those that this command has published before."""
        new = [place for place in places if place not in self._published]
        for start in range(0, len(new), ROWS_PER_REQUEST):
            batch = new[start : start + ROWS_PER_REQUEST]
            self.relay.publish(self.log.rows(batch))
            self._published.update(batch)
            # The relay publishes the whole batch at once; pause as long as for single facts.
            for _ in batch:
                self.pause()

    @cached_property
    def _log_places(self) -> list[Place]:
        """All places of the event log, oldest first; read once per command, if needed.

        Unreadable rows are missing: the relay has dead-lettered each in a message of its own.
        """
        return self.log.places(FactSelection())


def _event_id_of(row: Row) -> str | None:
    """Return the id of the row's event; None if it cannot be read."""
    try:
        return read_envelope(row["event"]["S"]).id.lower()
    except (KeyError, Rejected):
        return None
