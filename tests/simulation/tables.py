"""The contents of tables and queues, read from moto directly, without a request."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pocketcloud import OfflineCloud

PREFIX = "orderbus-dev-"

Row = dict[str, str]


class Tables:
    """The current state of the deployed shop."""

    def __init__(self, cloud: OfflineCloud) -> None:
        self._engine = cloud.engine
        self._queues = cloud.services.queues

    def rows(self, table: str) -> list[Row]:
        """Return all rows of a table, with attributes as strings."""
        found = self._engine.dynamodb.tables[PREFIX + table]
        return [
            {name: _text(value.value) for name, value in item.attrs.items() if _is_shown(value.value)}
            for item in found.all_items()
        ]

    def stock(self) -> dict[str, int]:
        """Return the units for sale of each SKU."""
        available: Counter[str] = Counter()
        for row in self.rows("stock"):
            # A hot SKU is counted in several rows (decision 0021).
            available[row["sku"].partition("#")[0]] += int(row["available"])
        return dict(available)

    def log_since(self, position: int) -> list[tuple[str, dict[str, Any]]]:
        """Return the changes of the event log from that record of its stream on, with their events."""
        shard = self._engine.dynamodb.tables[f"{PREFIX}event-log"].stream_shard
        records: list[Any] = shard.items[position:] if shard else []
        return [(record.record["eventName"], json.loads(record.text)) for record in records]

    def log_ids(self) -> set[str]:
        """Return the ids of all events in the log."""
        return {json.loads(row["event"])["id"] for row in self.rows("event-log")}

    def statement(self) -> Counter[str]:
        """Return the number of captures and refunds of each order, from the payment provider's table."""
        counted: Counter[str] = Counter()
        for row in self.rows("gateway"):
            kind, _, order_id = row["idempotency_key"].partition(":")
            outcome = json.loads(row["outcome"])
            if kind == "refund" or outcome["captured"]:
                counted[f"{kind} {order_id[:36]}"] += 1
        return counted

    def everything(self) -> dict[str, list[str]]:
        """Return all rows of all tables, without their expiry times."""
        names = [name.removeprefix(PREFIX) for name in self._engine.dynamodb.tables]
        return {
            name: sorted(json.dumps({**row, "expires_at": ""}, sort_keys=True) for row in self.rows(name))
            for name in names
        }

    def queues(self) -> Iterator[str]:
        """Return the names of all queues, with the dead-letter queues."""
        return iter(sorted(self._engine.sqs.queues))

    def messages(self, queue: str) -> list[Any]:
        """Return the messages in a queue, received or not."""
        return [
            stored.message for stored in self._queues.store(self._engine.sqs.queues[queue].queue_arn).all()
        ]


def _is_shown(value: object) -> bool:
    return isinstance(value, str | list | set)


def _text(value: Any) -> str:
    """Return a string unchanged, and a set as sorted JSON."""
    return value if isinstance(value, str) else json.dumps(sorted(value))
