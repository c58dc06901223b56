"""Point-in-time recovery: the rows of a table at any time since it was enabled.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from moto.dynamodb.models.dynamo_type import Item
from moto.dynamodb.models.table import Table

from pocketcloud.virtual_time.clock import Clock

_KEY = "pocketcloud_row_history"
RESTORABLE_AFTER = timedelta(minutes=5)
"""DynamoDB documents that the latest restorable time is typically five minutes ago."""

Place = tuple[Any, Any]
"""The values of a row's partition key and sort key; the latter is None in a table without one."""


class RowHistory:
    """The changes of a table's rows; the rows themselves are never changed after they were written."""

    def __init__(self, clock: Clock, rows: Iterable[Item]) -> None:
        self._clock = clock
        self.since = clock.now()
        """The earliest time that can be restored."""
        self._changes: list[tuple[datetime, Place, Item | None]] = [
            (self.since, (row.hash_key, row.range_key), row) for row in rows
        ]

    @property
    def latest(self) -> datetime:
        """The latest time that can be restored."""
        return max(self.since, self._clock.now() - RESTORABLE_AFTER)

    def add(self, place: Place, row: Item | None) -> None:
        """Record that the row was written; None says that it was deleted."""
        self._changes.append((self._clock.now(), place, row))

    def rows_at(self, time: datetime) -> list[Item]:
        """Return the rows at that time."""
        found: dict[Place, Item | None] = {}
        for changed_at, place, row in self._changes:
            if changed_at > time:
                break
            found[place] = row
        return [row for row in found.values() if row is not None]

    def __deepcopy__(self, _: object) -> None:
        """Leave the history out of a backup, which moto makes by copying the table."""


def enable_history(table: Table, clock: Clock) -> None:
    """Record the table's changes from now on."""
    vars(table)[_KEY] = RowHistory(clock, table.all_items())


def disable_history(table: Table) -> None:
    """Forget the table's changes."""
    vars(table).pop(_KEY, None)


def history_of(table: Table) -> RowHistory | None:
    """Return the table's history; None unless point-in-time recovery is enabled."""
    history: RowHistory | None = vars(table).get(_KEY)
    return history


def record_row(table: Table, place: Place, row: Item | None) -> None:
    """Record a write, if the table has a history."""
    if (history := history_of(table)) is not None:
        history.add(place, row)
