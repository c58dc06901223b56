"""The operations that functions call most, directly on moto's tables.

Each returns what moto's handler returns for a valid request, and raises NotPlannedError, having changed
nothing, for every other request. `tests/services/test_fast_path.py` compares them.
"""

from collections.abc import Callable, Mapping
from typing import Any

from moto.dynamodb.exceptions import TransactionCanceledException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import Item

from pocketcloud.dynamodb.attribute_values import NotPlannedError, characters, plain_attributes
from pocketcloud.dynamodb.query import query
from pocketcloud.dynamodb.write_plan import (
    Key,
    WritePlan,
    key_of,
    plan_delete,
    plan_put,
    plan_transaction,
    plan_update,
)

Request = Mapping[str, Any]
Response = dict[str, Any]

_RETURN_VALUES = frozenset({"ReturnValues"})
_MAX_KEYS = 100
_MAX_WRITES = 25
_MAX_CHARACTERS = 1_000_000
"""Maximum characters of a batch that is certainly smaller than DynamoDB's limit of 16 MB."""


def run(backend: DynamoDBBackend, operation: str, request: Request) -> Response:
    """Run an operation; raise NotPlannedError to leave it to moto."""
    found = _OPERATIONS.get(operation)
    if found is None:
        raise NotPlannedError(operation)
    return found(backend, request)


def _get_item(backend: DynamoDBBackend, request: Request) -> Response:
    if not request.keys() <= {"TableName", "Key", "ConsistentRead"}:
        raise NotPlannedError
    item = _key(backend, request, request.get("TableName")).read()
    return {} if item is None else {"Item": plain_attributes(item.attrs)}


def _key(backend: DynamoDBBackend, request: Request, name: object) -> Key:
    table = backend.tables.get(name) if isinstance(name, str) else None
    if table is None or not isinstance(request.get("ConsistentRead", False), bool):
        raise NotPlannedError
    return key_of(table, request.get("Key"))


def _put_item(backend: DynamoDBBackend, request: Request) -> Response:
    return _written(plan_put(backend, request, _RETURN_VALUES), request)


def _update_item(backend: DynamoDBBackend, request: Request) -> Response:
    plan = plan_update(backend, request, _RETURN_VALUES)
    # moto returns the capacity whether it was asked for or not.
    capacity = {"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 0.5}}
    if request.get("ReturnValues") != "ALL_NEW":
        return {**_written(plan, request), **capacity}
    response = {**_attributes(plan.after), **capacity}
    _write(plan)
    return response


def _delete_item(backend: DynamoDBBackend, request: Request) -> Response:
    return _written(plan_delete(backend, request, _RETURN_VALUES), request)


def _written(plan: WritePlan, request: Request) -> Response:
    """Write, and return the old item if the request asks for it."""
    option = request.get("ReturnValues", "NONE")
    if option not in {"NONE", "ALL_OLD"}:
        raise NotPlannedError
    response = {} if option == "NONE" else _attributes(plan.before)
    _write(plan)
    return response


def _write(plan: WritePlan) -> None:
    if (failure := plan.failure()) is not None:
        raise failure
    plan.apply()


def _attributes(item: Item | None) -> Response:
    return {} if item is None else {"Attributes": plain_attributes(item.attrs)}


def _batch_get_item(backend: DynamoDBBackend, request: Request) -> Response:
    responses: dict[str, list[Response]] = {}
    capacity = []
    count = total = 0
    for name, part in _requests(request).items():
        keys = (
            part.get("Keys") if isinstance(part, dict) and part.keys() <= {"Keys", "ConsistentRead"} else None
        )
        if not isinstance(keys, list) or not keys:
            raise NotPlannedError
        places = [_key(backend, {**part, "Key": key}, name) for key in keys]
        items = [item for place in places if (item := place.read()) is not None]
        count, total = count + len(keys), total + sum(characters(item.attrs) for item in items)
        if len({place.identity() for place in places}) < len(places):
            raise NotPlannedError
        responses[name] = [plain_attributes(item.attrs) for item in items]
        capacity.append({"CapacityUnits": len(keys), "TableName": name})
    if count > _MAX_KEYS or total > _MAX_CHARACTERS:
        raise NotPlannedError
    return {"Responses": responses, "UnprocessedKeys": {}, "ConsumedCapacity": capacity}


def _requests(request: Request) -> dict[str, Any]:
    requests = request.get("RequestItems")
    if request.keys() != {"RequestItems"} or not isinstance(requests, dict) or not requests:
        raise NotPlannedError
    return requests


def _batch_write_item(backend: DynamoDBBackend, request: Request) -> Response:
    puts, deletes, capacity = [], [], []
    for name, writes in _requests(request).items():
        if not isinstance(writes, list):
            raise NotPlannedError
        for write in writes:
            match write:
                case {"PutRequest": {"Item": item, **others}, **more} if not others and not more:
                    puts.append(plan_put(backend, {"TableName": name, "Item": item}))
                case {"DeleteRequest": {"Key": key, **others}, **more} if not others and not more:
                    deletes.append(plan_delete(backend, {"TableName": name, "Key": key}))
                case _:
                    raise NotPlannedError
        capacity.append({"TableName": name, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}})
    plans = [*puts, *deletes]
    if not 1 <= len(plans) <= _MAX_WRITES or len({plan.key.identity() for plan in plans}) < len(plans):
        raise NotPlannedError
    for plan in plans:
        plan.apply()
    return {"ConsumedCapacity": capacity, "ItemCollectionMetrics": {}, "UnprocessedItems": {}}


def _transact_write_items(backend: DynamoDBBackend, request: Request) -> Response:
    # moto's way also remembers the token of a request that has one.
    if request.keys() != {"TransactItems"}:
        raise NotPlannedError
    plans = plan_transaction(backend, request["TransactItems"])
    failures = [plan.failure() for plan in plans]
    if any(failures):
        raise TransactionCanceledException([_reason(*pair) for pair in zip(plans, failures, strict=True)])
    for plan in plans:
        plan.apply()
    return {"ConsumedCapacity": [], "ItemCollectionMetrics": {}}


def _reason(plan: WritePlan, failure: Exception | None) -> tuple[str | None, str | None, Response | None]:
    if failure is None:
        return None, None, None
    shown = plain_attributes(plan.before.attrs) if plan.shows_old and plan.before is not None else None
    return "ConditionalCheckFailed", "The conditional request failed", shown


_OPERATIONS: Mapping[str, Callable[[DynamoDBBackend, Request], Response]] = {
    "BatchGetItem": _batch_get_item,
    "BatchWriteItem": _batch_write_item,
    "DeleteItem": _delete_item,
    "GetItem": _get_item,
    "PutItem": _put_item,
    "Query": query,
    "TransactWriteItems": _transact_write_items,
    "UpdateItem": _update_item,
}
