"""Writes of items, planned before anything changes: the item before and after, and the condition.

A plan does what moto does for a valid write, without its copies: it replaces items and never changes
one. `NotPlannedError` leaves the rest to moto: uncommon options and every request that moto rejects.
`tests/services/test_fast_path.py` compares both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.exceptions import ConditionalCheckFailed, DynamodbException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from pocketcloud.dynamodb.attribute_values import (
    NotPlannedError,
    characters,
    plain_attributes,
    typed,
    typed_attributes,
)
from pocketcloud.dynamodb.conditions import used_in
from pocketcloud.dynamodb.packed_rows import TableRow, remember_row
from pocketcloud.dynamodb.row_history import record_row
from pocketcloud.dynamodb.sorted_rows import replace_row
from pocketcloud.dynamodb.update_plan import changes_by, placeholders_in

Request = Mapping[str, Any]

_COMMON = frozenset(
    {
        "TableName",
        "ConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnValuesOnConditionCheckFailure",
    }
)
_MAX_CHARACTERS = 90_000
"""Larger items may be larger than DynamoDB's limit of 400 KB; moto measures them."""
_MAX_KEY_CHARACTERS = 250
"""Longer keys may be larger than DynamoDB's limit of 1,024 bytes."""


@dataclass(frozen=True, slots=True)
class Key:
    """The place of an item."""

    table: Table
    hash_key: DynamoType
    range_key: DynamoType | None

    def read(self) -> Item | None:
        """Return the item; None if there is none."""
        items: Any = self.table.items
        if self.range_key is not None:
            items = items.get(self.hash_key, {})
        found: Item | None = items.get(self.hash_key if self.range_key is None else self.range_key)
        return found

    def write(self, item: Item | None) -> None:
        """Put the item here; None deletes it."""
        items: Any = self.table.items
        if self.range_key is not None:
            items = items[self.hash_key]
        key = self.hash_key if self.range_key is None else self.range_key
        replace_row(self.table, items.get(key), item)
        record_row(self.table, (self.hash_key, self.range_key), item)
        if item is None:
            items.pop(key, None)
        else:
            items[key] = item
            remember_row(self.table, item)

    def identity(self) -> tuple[str, DynamoType, DynamoType | None]:
        """Return what differs between any two items."""
        return self.table.name, self.hash_key, self.range_key


@dataclass(frozen=True, slots=True)
class WritePlan:
    """One write: nothing has changed yet."""

    key: Key
    before: Item | None
    after: Item | None
    condition: Any
    shows_old: bool
    """Whether a failed condition returns the item."""
    changes: bool = True
    """False for a condition check, which writes nothing."""

    def failure(self) -> ConditionalCheckFailed | None:
        """Return moto's error if the condition fails."""
        try:
            if self.condition.expr(self.before):
                return None
        except (ValueError, TypeError) as error:
            raise NotPlannedError from error
        shown = plain_attributes(self.before.attrs) if self.shows_old and self.before is not None else None
        return ConditionalCheckFailed(item=shown)

    def apply(self) -> None:
        """Write the item, then its stream record."""
        if not self.changes or self.before is self.after:
            return
        self.key.write(self.after)
        if self.key.table.stream_shard is not None:
            self.key.table.stream_shard.add(self.before, self.after)


def plan_put(backend: DynamoDBBackend, request: Request, also: frozenset[str] = frozenset()) -> WritePlan:
    """Plan a PutItem."""
    table = _table(backend, request, also | {"Item"})
    attributes = typed_attributes(request["Item"])
    key = _key_in(table, attributes)
    condition, _ = _condition(request, frozenset())
    return WritePlan(key, key.read(), _item(key, attributes), condition, _shows_old(request))


def plan_delete(backend: DynamoDBBackend, request: Request, also: frozenset[str] = frozenset()) -> WritePlan:
    """Plan a DeleteItem."""
    key = key_of(_table(backend, request, also | {"Key"}), request["Key"])
    condition, _ = _condition(request, frozenset())
    return WritePlan(key, key.read(), None, condition, _shows_old(request))


def plan_check(backend: DynamoDBBackend, request: Request) -> WritePlan:
    """Plan a condition check of a transaction."""
    key = key_of(_table(backend, request, frozenset({"Key"})), request["Key"])
    condition, _ = _condition(request, frozenset())
    before = key.read()
    return WritePlan(key, before, before, condition, _shows_old(request), changes=False)


def plan_update(backend: DynamoDBBackend, request: Request, also: frozenset[str] = frozenset()) -> WritePlan:
    """Plan an UpdateItem."""
    table = _table(backend, request, also | {"Key", "UpdateExpression"})
    key = key_of(table, request["Key"])
    try:
        expression = request["UpdateExpression"].strip()
        condition, values = _condition(request, placeholders_in(expression))
    except (AssertionError, AttributeError, DynamodbException) as error:
        raise NotPlannedError from error
    before = key.read()
    names = request.get("ExpressionAttributeNames") or {}
    item = before
    if item is None:
        # moto checks the expression against an empty item before it creates one with the key.
        changes_by(expression, names, values, Item(key.hash_key, key.range_key, {}), table)
        item = _item(key, typed_attributes(request["Key"]))
    changes = changes_by(expression, names, values, item, table)
    attributes = {**item.attrs, **{name: value for name, value in changes.items() if value is not None}}
    for name, value in changes.items():
        if value is None:
            attributes.pop(name, None)
    return WritePlan(key, before, _item(key, attributes), condition, _shows_old(request))


_PLANS: Mapping[str, Callable[[DynamoDBBackend, Request], WritePlan]] = {
    "Put": plan_put,
    "Update": plan_update,
    "Delete": plan_delete,
    "ConditionCheck": plan_check,
}


def plan_transaction(backend: DynamoDBBackend, items: object) -> list[WritePlan]:
    """Plan the writes of a transaction; they have different keys."""
    if not isinstance(items, list | tuple) or not 1 <= len(items) <= _MAX_ITEMS:
        raise NotPlannedError
    plans = []
    for item in items:
        if not isinstance(item, dict) or len(item) != 1:
            raise NotPlannedError
        ((kind, request),) = item.items()
        if kind not in _PLANS or not isinstance(request, dict):
            raise NotPlannedError
        plans.append(_PLANS[kind](backend, request))
    if len({plan.key.identity() for plan in plans}) < len(plans):
        raise NotPlannedError
    if len(plans) > _FEW_ITEMS and sum(map(_most_characters, plans)) > _FEW_ITEMS * _MAX_CHARACTERS:
        raise NotPlannedError
    return plans


_MAX_ITEMS = 100
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html"""
_FEW_ITEMS = 10
"""Maximum items of a plan that is certainly smaller than DynamoDB's limit of 4 MB."""


def _most_characters(plan: WritePlan) -> int:
    return max(0 if item is None else characters(item.attrs) for item in (plan.before, plan.after))


def key_of(table: Table, key: object) -> Key:
    """Return the place of a key that has exactly the table's key attributes."""
    attributes = typed_attributes(key)
    if len(attributes) != len(table.table_key_attrs):
        raise NotPlannedError
    return _key_in(table, attributes)


def _key_in(table: Table, attributes: Mapping[str, DynamoType]) -> Key:
    """Return the place of an item; leave it to moto if a key of the table or of an index is invalid."""
    for definition in table.attr:
        value = attributes.get(definition["AttributeName"])
        if value is None:
            continue
        if value.type != definition["AttributeType"] or not 0 < len(value.value) <= _MAX_KEY_CHARACTERS:
            raise NotPlannedError
    try:
        ranged = None if table.range_key_attr is None else attributes[table.range_key_attr]
        return Key(table, attributes[table.hash_key_attr], ranged)
    except KeyError as error:
        raise NotPlannedError from error


def _table(backend: DynamoDBBackend, request: Request, also: frozenset[str]) -> Table:
    """Return the table; leave requests with other parameters to moto."""
    table = backend.tables.get(request.get("TableName", ""))
    if table is None or not request.keys() <= _COMMON | also or not also <= request.keys() | _OPTIONAL:
        raise NotPlannedError
    return table


_OPTIONAL = frozenset({"ReturnValues"})


def _condition(request: Request, used: frozenset[str]) -> tuple[Any, dict[str, DynamoType]]:
    """Return the condition and the typed values; leave unused or missing placeholders to moto."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    if not isinstance(names, dict) or not isinstance(values, dict):
        raise NotPlannedError
    if not all(isinstance(name, str) for name in (*names, *names.values(), *values)):
        raise NotPlannedError
    converted = {name: typed(value) for name, value in values.items()}
    text = request.get("ConditionExpression")
    if not isinstance(text, str | None) or text == "":
        raise NotPlannedError
    condition, used_by_condition = used_in(text, names, values)
    if not {*names, *values} <= used | used_by_condition or not all(name[:1] == ":" for name in values):
        raise NotPlannedError
    if "ExpressionAttributeValues" in request and not values:
        raise NotPlannedError
    return condition, converted


def _shows_old(request: Request) -> bool:
    option = request.get("ReturnValuesOnConditionCheckFailure", "NONE")
    if option not in {"ALL_OLD", "NONE"}:
        raise NotPlannedError
    return bool(option == "ALL_OLD")


def _item(key: Key, attributes: Mapping[str, DynamoType]) -> Item:
    """Build an item without moto's conversion and its measuring after each attribute."""
    if characters(attributes) > _MAX_CHARACTERS:
        raise NotPlannedError
    return TableRow(key.hash_key, key.range_key, attributes)
