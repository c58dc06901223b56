"""Facts that the relay did not publish, found in the event log and published by the relay itself.

A dead letter says which one, and is not taken at its word.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from cli.core.event_log_reader import FactLog, Place
from cli.core.fact_selection import Selection
from cli.core.relay_client import ROWS_AT_ONCE, Publication, Row
from cli.dlq.event_label import GivenUp, Label
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EARLIER, LATER = timedelta(minutes=5), timedelta(minutes=1)
"""A fact is timed before its row is written, by a clock that may be wrong; one too many is harmless."""


class UntimedError(Exception):
    """What calls itself a letter of Lambda's names no time that is one."""


@dataclass(kw_only=True)
class Republication:
    """The event log's rows, found and handed to the relay as its stream would."""

    dynamodb: "DynamoDBClient"
    names: Names
    publication: Publication
    log: FactLog
    pause: Callable[[], None]
    """Between two facts, so that no consumer is flooded."""
    _published: set[Place] = field(default_factory=set)

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

    def places_of(self, lost: GivenUp) -> Sequence[Place]:
        """The rows that may have been among these records, and some that were written about then.

        Raises:
            UntimedError: the letter does not say when its records came.
        """
        try:
            first = _moment(lost.arrivals.first) - EARLIER
            last = _moment(lost.arrivals.last) + LATER
        except (ValueError, OverflowError) as error:
            raise UntimedError from error
        start = bisect_left(self._history, first, key=lambda place: place.time)
        return self._history[start : bisect_right(self._history, last, key=lambda place: place.time)]

    def publish_places(self, places: Sequence[Place]) -> None:
        """Have these published, except those that this command has had published before."""
        new = [place for place in places if place not in self._published]
        for start in range(0, len(new), ROWS_AT_ONCE):
            some = new[start : start + ROWS_AT_ONCE]
            self.publication.publish(self.log.rows(some))
            self._published.update(some)
            # The relay took them at once: the pauses between them are made up for.
            for _ in some:
                self.pause()

    @cached_property
    def _history(self) -> list[Place]:
        """The whole log, the oldest first; read once a command, and only where it is needed.

        A row that cannot be read is not among them: the relay has set it aside, with its own dead letter.
        """
        return self.log.places(Selection())


def _moment(text: str) -> datetime:
    """The moment, in UTC where it does not say in which zone."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
