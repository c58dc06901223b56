"""The event log as a replay reads it: first which rows are meant, oldest first, and then those rows.

It has no index by time, so that a window costs a read of the whole table; orders cost a request for nine.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.core.backoff import tries
from cli.core.fact_selection import Selection
from functions.contracts.registry import DECISIONS
from functions.shared.contracts.codec import Rejected, read_envelope
from infrastructure.names import Names

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Row = Mapping[str, Any]
Key = Mapping[str, Any]
ROWS_AT_ONCE = 100
"""What BatchGetItem takes at most."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A fact's place in history, and the key of its row; to sort places is to tell what happened."""

    time: datetime
    pk: str
    sk: str
    fact: str = field(compare=False)

    @property
    def key(self) -> Key:
        """The row's key, as DynamoDB has it."""
        return {"pk": {"S": self.pk}, "sk": {"S": self.sk}}


@dataclass(kw_only=True)
class FactLog:
    """One command's reading of it, and what that has cost so far."""

    dynamodb: "DynamoDBClient"
    names: Names
    sleep: Callable[[float], None]
    requests: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Rows whose envelope cannot be read: nobody can say whether they were meant."""
    unknown: list[str] = field(default_factory=list)
    """Orders that were asked for, and of which there is no fact."""

    @property
    def identity(self) -> str:
        """Which table it is: its name in the world, and since when it is this one."""
        table = self.dynamodb.describe_table(TableName=self.names.event_log)["Table"]
        return f"{table['TableArn']} of {table['CreationDateTime'].astimezone(UTC).isoformat()}"

    def places(self, selection: Selection) -> list[Place]:
        """The places of the facts that are meant, the oldest first: the facts of an order in their order."""
        rows = self._of_orders(selection.orders) if selection.orders else self._all()
        return sorted(place for place in self._read(rows) if selection.takes(place.fact, place.time))

    def rows(self, places: Sequence[Place]) -> list[Row]:
        """The rows at these places, in the same order."""
        found = {_identity(row): row for row in self._batches([place.key for place in places])}
        return [found[place.pk, place.sk] for place in places]

    def _read(self, rows: Iterable[Row]) -> Iterator[Place]:
        for row in rows:
            pk, sk = _identity(row)
            try:
                envelope = read_envelope(row["event"]["S"])
            except (KeyError, Rejected):
                self.unreadable.append(f"{pk} {sk}")
            else:
                yield Place(envelope.timestamp, pk, sk, envelope.type)

    def _of_orders(self, orders: Sequence[str]) -> Iterator[Row]:
        known = set()
        keys = [
            {"pk": {"S": f"{owner}#{order}"}, "sk": {"S": decision}}
            for order in orders
            for owner, decision in DECISIONS
        ]
        for row in self._batches(keys):
            known.add(row["pk"]["S"].partition("#")[2])
            yield row
        self.unknown = [order for order in orders if order not in known]

    def _all(self) -> Iterator[Row]:
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.names.event_log, ConsistentRead=True
        )
        for page in pages:
            self.requests += 1
            yield from page["Items"]

    def _batches(self, keys: Sequence[Key]) -> Iterator[Row]:
        table = self.names.event_log
        for start in range(0, len(keys), ROWS_AT_ONCE):
            pending: Any = {table: {"Keys": keys[start : start + ROWS_AT_ONCE], "ConsistentRead": True}}
            for _ in tries(self.sleep):  # DynamoDB may answer a part, and says which is missing
                answer = self.dynamodb.batch_get_item(RequestItems=pending)
                self.requests += 1
                yield from answer["Responses"].get(table, [])
                pending = answer["UnprocessedKeys"]
                if not pending:
                    break


def _identity(row: Row) -> tuple[str, str]:
    return row["pk"]["S"], row["sk"]["S"]
