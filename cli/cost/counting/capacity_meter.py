"""A middleware that counts the billing units of every DynamoDB request, from the items themselves."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cli.cost.counting.index_units import TableKeys, index_units
from cli.cost.counting.item_size import Item, item_bytes, read_units, write_units
from pocketcloud import AwsCall, OfflineCloud

Response = dict[str, Any]
_SINGLE = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}
_BATCH = {"PutRequest": "Put", "DeleteRequest": "Delete"}
TRANSACTION_FACTOR = 2


@dataclass(frozen=True, slots=True)
class ItemWrite:
    """One write of a request."""

    table: str
    key: Item
    requested: Item | None
    factor: int = 1


@dataclass(slots=True)
class Capacity:
    """The units of one function."""

    write_units: int = 0
    index_units: int = 0
    read_units: float = 0.0


@dataclass
class CapacityMeter:
    """Reads each item before and after its write; a failed condition is billed like a write."""

    cloud: OfflineCloud
    by_function: defaultdict[str, Capacity] = field(default_factory=partial(defaultdict, Capacity))
    by_table: Counter[str] = field(default_factory=Counter)
    """Write units by table, and of its indexes as `table/indexes`."""
    _keys: dict[str, TableKeys] = field(default_factory=dict)

    def __call__(self, call: AwsCall, proceed: Callable[[], Response]) -> Response:
        """Make the call and count its units."""
        if call.service != "dynamodb":
            return proceed()
        writes = list(self._writes(call.operation, call.parameters))
        before = [self._item(write) for write in writes]
        try:
            response = proceed()
        finally:
            for write, old in zip(writes, before, strict=True):
                self._count(self.by_function[call.function], write, old)
        self.by_function[call.function].read_units += units_of_read(call.operation, call.parameters, response)
        return response

    def keys(self, table: str) -> TableKeys:
        """Return the keys of a table."""
        if table not in self._keys:
            described = self.cloud.client("dynamodb").describe_table(TableName=table)["Table"]
            self._keys[table] = TableKeys.of(described)
        return self._keys[table]

    def _count(self, capacity: Capacity, write: ItemWrite, before: Item | None) -> None:
        after = self._item(write)
        units = write.factor * write_units(before, write.requested, after)
        in_indexes = index_units(self.keys(write.table), before, after)
        capacity.write_units += units
        capacity.index_units += in_indexes
        self.by_table[write.table] += units
        if in_indexes:
            self.by_table[f"{write.table}/indexes"] += in_indexes

    def _item(self, write: ItemWrite) -> Item | None:
        response = self.cloud.client("dynamodb").get_item(TableName=write.table, Key=write.key)
        item: Item | None = response.get("Item")
        return item

    def _writes(self, operation: str, parameters: Mapping[str, Any]) -> Iterator[ItemWrite]:
        if operation in _SINGLE:
            yield self._write(_SINGLE[operation], parameters)
        elif operation == "TransactWriteItems":
            for item in parameters["TransactItems"]:
                kind, request = next(iter(item.items()))
                yield self._write(kind, request, TRANSACTION_FACTOR)
        elif operation == "BatchWriteItem":
            for table, requests in parameters["RequestItems"].items():
                for request in requests:
                    kind, body = next(iter(request.items()))
                    yield self._write(_BATCH[kind], {"TableName": table, **body})

    def _write(self, kind: str, request: Mapping[str, Any], factor: int = 1) -> ItemWrite:
        table = request["TableName"]
        if kind != "Put":
            return ItemWrite(table, request["Key"], None, factor)
        item = request["Item"]
        return ItemWrite(table, {name: item[name] for name in self.keys(table).names}, item, factor)


def units_of_read(operation: str, parameters: Mapping[str, Any], response: Response) -> float:
    """Return the read units of a request, from the items that it returned."""
    consistent = bool(parameters.get("ConsistentRead"))
    if operation == "GetItem":
        return read_units(item_bytes(response.get("Item")), consistent=consistent)
    if operation in {"Query", "Scan"}:
        return read_units(sum(map(item_bytes, response.get("Items", ()))), consistent=consistent)
    if operation == "TransactGetItems":
        found = [item_bytes(each.get("Item")) for each in response["Responses"]]
        return sum(TRANSACTION_FACTOR * read_units(size, consistent=True) for size in found)
    return _units_of_batch(parameters, response) if operation == "BatchGetItem" else 0.0


def _units_of_batch(parameters: Mapping[str, Any], response: Response) -> float:
    """A key without an item is billed as the smallest item."""
    total = 0.0
    for table, request in parameters["RequestItems"].items():
        sizes = [item_bytes(item) for item in response["Responses"].get(table, ())]
        sizes += [0] * (len(request["Keys"]) - len(sizes))
        consistent = bool(request.get("ConsistentRead"))
        total += sum(read_units(size, consistent=consistent) for size in sizes)
    return total
