"""DynamoDB: moto stores tables and items; `Transactions` and `Streams` replace the rest."""

import copy
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any

import moto.dynamodb.models as moto_models
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.responses import DynamoHandler

from pocketcloud.dynamodb.attribute_values import NotPlannedError
from pocketcloud.dynamodb.numbers import EXACT, check_numbers, check_result
from pocketcloud.dynamodb.row_history import record_row
from pocketcloud.dynamodb.sorted_rows import forget_rows
from pocketcloud.dynamodb.streams import Streams
from pocketcloud.dynamodb.transactions import Transactions
from pocketcloud.dynamodb.update_plan import UpdatePlan, plan_update
from pocketcloud.dynamodb.write_plan import Key
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_MAXIMUM_BATCH = 25
"""https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
_WITH_NUMBERS = (
    "put_item",
    "get_item",
    "delete_item",
    "update_item",
    "query",
    "scan",
    "batch_get_item",
    "transact_get_items",
)
"""The operations with attribute values, besides those that have a patch of their own."""
_UPDATE = (
    "self table_name key update_expression expression_attribute_names expression_attribute_values "
    "attribute_updates expected condition_expression return_values_on_condition_check_failure"
)
_PUT = (
    "self item_attrs expected condition_expression expression_attribute_names "
    "expression_attribute_values overwrite return_values_on_condition_check_failure"
)


def patches(streams: Streams, transactions: Transactions) -> list[MotoPatch]:
    """Return the patches to moto's DynamoDB."""
    return [
        *_transaction_patches(transactions),
        _batch_patch(),
        *map(_request_patch, _WITH_NUMBERS),
        *map(_arithmetic_patch, ("__add__", "__sub__")),
        *_stream_patches(streams),
        *_update_patches(),
        *_row_patches(),
    ]


def _batch_patch() -> MotoPatch:
    original: Callable[[DynamoHandler], object] = DynamoHandler.batch_write_item

    def batch_write_item(handler: DynamoHandler, _: Call) -> object:
        # moto accepts any number.
        requests = sum(len(of_table) for of_table in handler.body["RequestItems"].values())
        if not 1 <= requests <= _MAXIMUM_BATCH:
            raise MockValidationException(
                "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: "
                f"Map value must satisfy constraint: [Member must have length less than or equal to "
                f"{_MAXIMUM_BATCH}, Member must have length greater than or equal to 1]"
            )
        check_numbers(handler.body)
        return original(handler)

    return MotoPatch(DynamoHandler, "batch_write_item", "self", batch_write_item)


def _request_patch(name: str) -> MotoPatch:
    original: Callable[[DynamoHandler], object] = getattr(DynamoHandler, name)

    def handle(handler: DynamoHandler, _: Call) -> object:
        check_numbers(handler.body)
        return original(handler)

    return MotoPatch(DynamoHandler, name, "self", handle)


def _arithmetic_patch(name: str) -> MotoPatch:
    original: Callable[[DynamoType, DynamoType], DynamoType] = getattr(DynamoType, name)
    compute = EXACT.add if name == "__add__" else EXACT.subtract

    def replace(one: DynamoType, other: DynamoType) -> DynamoType:
        # moto rounds to 28 digits, and reads no exponent.
        if not (one.is_number() and other.is_number()):
            return original(one, other)
        result = f"{compute(Decimal(one.value), Decimal(other.value)):f}"
        check_result(result)
        return DynamoType({"N": result})

    return MotoPatch(DynamoType, name, "self other", replace, is_direct=True)


def _transaction_patches(transactions: Transactions) -> list[MotoPatch]:
    original: Callable[[DynamoHandler], object] = DynamoHandler.transact_write_items
    tokens: list[str | None] = []

    def handle(handler: DynamoHandler, _: Call) -> object:
        # The token is only in the request; moto does not pass it to the backend.
        check_numbers(handler.body)
        tokens.append(handler.body.get("ClientRequestToken"))
        try:
            return original(handler)
        finally:
            tokens.pop()

    def transact_write_items(backend: DynamoDBBackend, call: Call) -> None:
        transactions.write(backend, call["transact_items"], tokens[-1] if tokens else None)

    return [
        MotoPatch(DynamoHandler, "transact_write_items", "self", handle),
        MotoPatch(DynamoDBBackend, "transact_write_items", "self transact_items", transact_write_items),
    ]


def _stream_patches(streams: Streams) -> list[MotoPatch]:
    original = DynamoDBBackend.update_item

    def add(shard: StreamShard, call: Call) -> None:
        streams.add(shard, call["old"], call["new"])

    def update_item(backend: DynamoDBBackend, call: Call) -> Item:
        with streams.defer():
            restore = _copy_row(backend, call)
            try:
                return original(backend, **call)
            except MockValidationException:
                restore()
                raise
            finally:
                forget_rows(backend.get_table(call["table_name"]))

    return [
        MotoPatch(StreamShard, "add", "self old new", add),
        MotoPatch(DynamoDBBackend, "update_item", _UPDATE, update_item),
    ]


def _row_patches() -> list[MotoPatch]:
    """Drop the sorted rows of a table that moto itself writes."""
    put, delete = Table.put_item, Table.delete_item

    def put_item(table: Table, call: Call) -> Item:
        forget_rows(table)
        row = put(table, **call)
        record_row(table, (row.hash_key, row.range_key), row)
        return row

    def delete_item(table: Table, call: Call) -> Item | None:
        forget_rows(table)
        row = delete(table, **call)
        if row is not None:
            record_row(table, (row.hash_key, row.range_key), None)
        return row

    return [
        MotoPatch(Table, "put_item", _PUT, put_item),
        MotoPatch(Table, "delete_item", "self hash_key range_key", delete_item),
    ]


def _copy_row(backend: DynamoDBBackend, call: Call) -> Callable[[], None]:
    """Replace a row by a copy before moto changes it in place: the stream refers to the row.

    Return a function that restores it, because a rejected update changes nothing.
    """
    # moto reports an unknown table and an invalid key itself.
    with suppress(MockValidationException, KeyError):
        table = backend.get_table(call["table_name"])
        hash_key, range_key = backend.get_keys_value(table, call["key"])
        place = Key(table, hash_key, range_key)
        row = place.read()
        if row is not None:
            place.write(copy.deepcopy(row))
        return lambda: place.write(row)
    return lambda: None


def _update_patches() -> list[MotoPatch]:
    validator: Any = vars(moto_models)["UpdateExpressionValidator"]
    executor: Any = vars(moto_models)["UpdateExpressionExecutor"]
    validation = "expression expression_attribute_names expression_attribute_values item table"
    execution = "update_ast item expression_attribute_names"

    def validate(expression: object, call: Call) -> object:
        names = call["expression_attribute_names"] or {}
        values = call["expression_attribute_values"] or {}
        try:
            return plan_update(expression, names, values, call["item"], call["table"])
        except NotPlannedError:
            return validator(expression, **call)

    def execute(update: object, call: Call) -> object:
        return update if isinstance(update, UpdatePlan) else executor(update, **call)

    return [
        MotoPatch(moto_models, "UpdateExpressionValidator", validation, validate),
        MotoPatch(moto_models, "UpdateExpressionExecutor", execution, execute),
    ]
