"""Operations on items give the same results directly on moto's tables as through moto's handlers."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException

from pocketcloud import OfflineCloud
from pocketcloud.core.fast_path import shorten
from pocketcloud.dynamodb.attribute_values import NotPlannedError
from pocketcloud.dynamodb.operations import run

Request = dict[str, Any]

SLOW_PATH = vars(BaseClient)["_make_api_call"]
"""botocore's own method; an open cloud replaces it."""
TABLES = ("direct", "handlers")
KEYS = ("pk", "sk", "i")
REQUESTS = 600
VALUES: list[Request] = [
    {"S": "x"},
    {"S": ""},
    {"N": "1"},
    {"N": "-2.50"},
    {"N": "1e3"},
    {"N": "one"},
    {"BOOL": True},
    {"NULL": True},
    {"L": [{"S": "a"}, {"N": "7"}]},
    {"M": {"a": {"S": "b"}}},
    {"SS": ["p", "q"]},
    {"NS": ["1", "2"]},
    {"B": b"raw"},
]
UPDATES = (
    "SET #a = :v",
    "SET #a = if_not_exists(#a, :v), b = :w",
    "SET #a = #a + :v",
    "ADD #a :v",
    "ADD #a :v SET b = :w",
    "REMOVE #a, b",
    "SET i = :v REMOVE #a",
    "DELETE #a :v",
    "SET #a.x = :v",
    "SET pk = :v",
)
CONDITIONS = (
    "attribute_exists(pk)",
    "attribute_not_exists(pk)",
    "#a = :v",
    "#a < :v OR attribute_not_exists(#a)",
    "begins_with(#a, :v) AND NOT b = :w",
    "size(#a) > :w",
    "contains(#a, :v)",
    "#a BETWEEN :v AND :w",
    "#a = ",
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        for name in TABLES:
            cloud.client("dynamodb").create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[
                    {"AttributeName": "pk", "KeyType": "HASH"},
                    {"AttributeName": "sk", "KeyType": "RANGE"},
                ],
                AttributeDefinitions=[
                    {"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk", "i")
                ],
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "by-i",
                        "KeySchema": [{"AttributeName": "i", "KeyType": "HASH"}],
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ],
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
            )
        yield cloud


def seeded() -> random.Random:
    return random.Random(1)  # noqa: S311 - must be repeatable, not secret


def generated(chance: random.Random) -> tuple[str, Request]:
    """Return an operation and its request, for the table named `TABLE`."""
    operation = chance.choice(["PutItem", "UpdateItem", "DeleteItem", "GetItem", "TransactWriteItems"])
    if operation != "TransactWriteItems":
        return operation, one(chance, operation)
    kinds = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "DeleteItem"}
    chosen = [chance.choice(sorted(kinds)) for _ in range(chance.randint(1, 3))]
    writes = [{kind: in_transaction(one(chance, kinds[kind]), kind)} for kind in chosen]
    return operation, {"TransactItems": writes}


def in_transaction(request: Request, kind: str) -> Request:
    without = {name: value for name, value in request.items() if name != "ReturnValues"}
    needed = {"ConditionExpression": "attribute_exists(pk)"} if kind == "ConditionCheck" else {}
    return {**needed, **without}


def one(chance: random.Random, operation: str) -> Request:
    key = {"pk": {"S": chance.choice("ab")}, "sk": {"S": chance.choice("12")}}
    if chance.random() < 0.05:
        key["sk"] = chance.choice(VALUES)
    if operation == "GetItem":
        return {"TableName": "TABLE", "Key": key}
    values = {":v": chance.choice(VALUES), ":w": chance.choice(VALUES)}
    attributes = {"a": values[":v"]} | ({"i": values[":w"]} if chance.random() < 0.3 else {})
    request: Request = {"Item": {**key, **attributes}} if operation == "PutItem" else {"Key": key}
    expressions = {}
    if operation == "UpdateItem":
        expressions["UpdateExpression"] = chance.choice(UPDATES)
    if chance.random() < 0.5:
        expressions["ConditionExpression"] = chance.choice(CONDITIONS)
        request["ReturnValuesOnConditionCheckFailure"] = chance.choice(["ALL_OLD", "NONE"])
    returned = ["NONE", "ALL_OLD"] + (["ALL_NEW", "UPDATED_NEW"] if operation == "UpdateItem" else [])
    request["ReturnValues"] = chance.choice(returned)
    return {"TableName": "TABLE", **request, **expressions, **placeholders(chance, expressions, values)}


def placeholders(chance: random.Random, expressions: Request, values: Request) -> Request:
    """Return the placeholders in the expressions; sometimes one too many."""
    text = " ".join(expressions.values())
    names = {"#a": "a"} if "#a" in text or chance.random() < 0.05 else {}
    used = {name: value for name, value in values.items() if name in text}
    return ({"ExpressionAttributeNames": names} if names else {}) | (
        {"ExpressionAttributeValues": used} if used else {}
    )


def outcome(cloud: OfflineCloud, table: str, operation: str, request: Request) -> tuple[str, object]:
    """Return the response or the error of a request to this table."""
    client = cloud.client("dynamodb")
    named = with_table(request, table)
    slow_path = partial(SLOW_PATH, client, operation, named)
    try:
        response = slow_path() if table == "handlers" else shorten(client, operation, named, slow_path)
    except ClientError as error:
        return "rejected", {
            name: value for name, value in error.response.items() if name != "ResponseMetadata"
        }
    except (ArithmeticError, ValueError, TypeError, AttributeError, ParamValidationError) as error:
        return type(error).__name__, str(error)
    return "done", {name: response.get(name) for name in ("Item", "Attributes")}


def with_table(request: Any, table: str) -> Any:
    """Return a copy of a request for this table."""
    if isinstance(request, dict):
        return {name: with_table(value, table) for name, value in request.items()}
    if isinstance(request, list):
        return [with_table(value, table) for value in request]
    return table if request == "TABLE" else request


def images(cloud: OfflineCloud, table: str) -> list[Request]:
    """Return the changes in the table's stream, without times, ids and sizes."""
    shard = cloud.engine.dynamodb.get_table(table).stream_shard
    assert shard is not None
    changes = [record.record["dynamodb"] for record in shard.items]
    return [
        {name: change.get(name) for name in ("Keys", "OldImage", "NewImage", "SizeBytes")}
        for change in changes
    ]


Outcome = tuple[str, object]


@pytest.fixture(scope="module")
def outcomes(cloud: OfflineCloud) -> list[tuple[Outcome, Outcome]]:
    """The outcomes of the generated requests, directly and through moto's handlers."""
    chance = seeded()
    requests = [generated(chance) for _ in range(REQUESTS)]
    return [(outcome(cloud, "direct", *each), outcome(cloud, "handlers", *each)) for each in requests]


def test_generated_requests_have_the_same_results_on_both_paths(
    cloud: OfflineCloud, outcomes: list[tuple[Outcome, Outcome]]
) -> None:
    for number, (direct, handled) in enumerate(outcomes):
        assert direct == handled, number
    kinds = Counter(direct[0] for direct, _ in outcomes)
    assert min(kinds["done"], kinds["rejected"]) > REQUESTS // 5, kinds
    scans = [SLOW_PATH(cloud.client("dynamodb"), "Scan", {"TableName": table})["Items"] for table in TABLES]
    assert scans[0] == scans[1]


@pytest.mark.usefixtures("outcomes")
def test_generated_writes_leave_the_same_stream(cloud: OfflineCloud) -> None:
    direct, handled = (images(cloud, table) for table in TABLES)
    assert len(direct) > REQUESTS // 10
    assert repr(direct) == repr(handled)


def test_most_valid_requests_do_not_need_moto(cloud: OfflineCloud) -> None:
    backend = cloud.engine.dynamodb
    chance = seeded()
    planned = 0
    for _ in range(REQUESTS):
        operation, request = generated(chance)
        with suppress(NotPlannedError, ConditionalCheckFailed, TransactionCanceledException):
            run(backend, operation, with_table(request, "direct"))
            planned += 1
    assert planned > REQUESTS // 5
