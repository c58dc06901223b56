"""Read the event log for a replay: first the places of the selected facts, then their rows.

The table has no index by time, so a time window reads the whole table. Orders take one request for nine.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.core.backoff import attempts
from cli.core.fact_selection import FactSelection
from functions.contracts.registry import DECISIONS
from functions.shared.contracts.codec import Rejected, read, read_envelope
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = Mapping[str, Any]
Key = Mapping[str, Any]
ROWS_PER_REQUEST = 100
"""BatchGetItem's limit."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A fact's time and the key of its row; sorted places are in the order of the facts."""

    time: datetime
    pk: str
    sk: str
    fact: str = field(compare=False)

    @property
    def key(self) -> Key:
        """The row's key for DynamoDB."""
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


@dataclass(kw_only=True)
class FactLog:
    """The event log of a stage; counts the requests and unreadable rows of one command."""

    dynamodb: "DynamoDBClient"
    names: Names
    sleep: Callable[[float], None]
    requests: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Keys of rows with an unreadable envelope; they may or may not match the selection."""
    unknown: list[str] = field(default_factory=list)
    """Selected orders without a fact."""

    @property
    def identity(self) -> str:
        """The table's ARN and creation time; another stage or a new table has another history."""
        table = self.dynamodb.describe_table(TableName=self.names.event_log)["Table"]
        return f"{table['TableArn']} of {table['CreationDateTime'].astimezone(UTC).isoformat()}"

    def places(self, selection: FactSelection) -> list[Place]:
        """Return the places of the selected facts, oldest first; facts of one order in their order."""
        rows = self._rows_of(selection.orders) if selection.orders else self._all_rows()
        return sorted(place for place in self._places(rows) if selection.matches(place.fact, place.time))

    def rows(self, places: Sequence[Place]) -> list[Row]:
        """Return the rows at these places, in the same order."""
        found = {_key_of(row): row for row in self.get([place.key for place in places])}
        return [found[place.pk, place.sk] for place in places]

    def documents(self, keys: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the CloudEvents at those of the keys that have one, by their ids."""
        rows = self.get([{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys])
        documents = [row["event"]["S"] for row in rows]
        return {json.loads(document)["id"]: document for document in documents}

    def events(self, orders: Sequence[str], decisions: Sequence[tuple[str, str]]) -> Iterator[Event[Fact]]:
        """Yield the events of these decisions on the orders; a decision is its owner and its name.

        Raises:
            Rejected: an event is malformed.
            UnknownFactError: this version does not know its type.
        """
        keys = [
            {"pk": {"S": f"{owner}#{order}"}, "sk": {"S": decision}}
            for order in orders
            for owner, decision in decisions
        ]
        return (read(row["event"]["S"]) for row in self.get(keys))

    def _places(self, rows: Iterable[Row]) -> Iterator[Place]:
        for row in rows:
            pk, sk = _key_of(row)
            try:
                envelope = read_envelope(row["event"]["S"])
            except (KeyError, Rejected):
                self.unreadable.append(f"{pk} {sk}")
            else:
                yield Place(envelope.timestamp, pk, sk, envelope.type)

    def _rows_of(self, orders: Sequence[str]) -> Iterator[Row]:
        known = set()
        keys = [
            {"pk": {"S": f"{owner}#{order}"}, "sk": {"S": decision}}
            for order in orders
            for owner, decision in DECISIONS
        ]
        for row in self.get(keys):
            known.add(row["pk"]["S"].partition("#")[2])
            yield row
        self.unknown = [order for order in orders if order not in known]

    def _all_rows(self) -> Iterator[Row]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.names.event_log, ConsistentRead=True
        )
        for page in pages:
            self.requests += 1
            yield from page["Items"]

    def get(self, keys: Sequence[Key], *, table: str | None = None) -> Iterator[Row]:
        """Yield the rows at those keys that exist; `table` is another table than the log."""
        table = table or self.names.event_log
        for start in range(0, len(keys), ROWS_PER_REQUEST):
            pending: Any = {table: {"Keys": keys[start : start + ROWS_PER_REQUEST], "ConsistentRead": True}}
            for _ in attempts(self.sleep):  # DynamoDB may return a part, and names the missing keys
                response = self.dynamodb.batch_get_item(RequestItems=pending)
                self.requests += 1
                yield from response["Responses"].get(table, [])
                pending = response["UnprocessedKeys"]
                if not pending:
                    break


def _key_of(row: Row) -> tuple[str, str]:
    return row["pk"]["S"], row["sk"]["S"]
