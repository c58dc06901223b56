"""Count what each function asks of AWS: requests, and DynamoDB's units with those of its indexes."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.units import IndexKeys, Row, Write, index_units, read_units, write_units, writes
from infrastructure.names import Names
from infrastructure.topology import SERVICES
from pocketcloud import AwsCall, OfflineCloud

NAMES = Names("dev")
TABLES = {NAMES.table(service.name, table.name): table for service in SERVICES for table in service.tables}
KEYS: Mapping[str, Sequence[str]] = {
    NAMES.event_log: ("pk", "sk"),
    **{name: [key for key in (table.partition_key, table.sort_key) if key] for name, table in TABLES.items()},
}
INDEXES: Mapping[str, Sequence[IndexKeys]] = {
    name: [(index.partition_key, index.sort_key) for index in table.indexes] for name, table in TABLES.items()
}


@dataclass
class Meter:
    """A middleware of the offline cloud; each count is by function."""

    cloud: OfflineCloud
    requests: Counter[str] = field(default_factory=Counter)
    written: Counter[str] = field(default_factory=Counter)
    indexed: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)
    """In half units, as counters hold integers."""

    def __call__(self, call: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Make the call, and count it."""
        self.requests[call.function] += 1
        if call.service != "dynamodb":
            return proceed()
        planned = writes(call.operation, call.parameters, KEYS)
        before = [self._row(write) for write in planned]
        try:
            response = proceed()
        finally:
            for write, old in zip(planned, before, strict=True):
                new = self._row(write)
                self.written[call.function] += write_units(write, old, new)
                self.indexed[call.function] += index_units(INDEXES.get(write.table, ()), old, new)
        self.read[call.function] += round(2 * read_units(call.operation, call.parameters, response))
        return response

    def _row(self, write: Write) -> Row:
        found = self.cloud.client("dynamodb").get_item(
            TableName=write.table, Key=dict(write.key), ConsistentRead=True
        )
        row: Row = found.get("Item", {})
        return row
