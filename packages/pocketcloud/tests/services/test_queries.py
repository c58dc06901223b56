"""Queries give the same pages directly on moto's tables as through moto's handlers."""

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from pocketcloud import OfflineCloud
from pocketcloud.core.fast_path import shorten
from pocketcloud.dynamodb.attribute_values import NotPlannedError
from pocketcloud.dynamodb.query import query

Request = dict[str, Any]

SLOW_PATH = vars(BaseClient)["_make_api_call"]
"""botocore's own method; an open cloud replaces it."""
TABLE = "things"
ROWS = 60
QUERIES = 120
TYPES = {"pk": "S", "sk": "S", "shard": "S", "due": "N"}
PROJECTIONS: Request = {
    "all": {"ProjectionType": "ALL"},
    "keys": {"ProjectionType": "KEYS_ONLY"},
    "some": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]},
}
CONDITIONS = (
    "{key} = :key",
    "{key} = :key AND {sort} = :one",
    "{key} = :key AND {sort} <= :one",
    "{key} = :key AND #sort > :one",
    "{key} = :key AND begins_with({sort}, :one)",
    "{key} = :key AND {sort} BETWEEN :one AND :two",
    "{key} = :key AND ",
    "{sort} = :one AND {key} = :key",
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        client = cloud.client("dynamodb")
        client.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=keys("pk", "sk"),
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind} for name, kind in TYPES.items()
            ],
            GlobalSecondaryIndexes=[
                {"IndexName": name, "KeySchema": keys("shard", "due"), "Projection": projection}
                for name, projection in PROJECTIONS.items()
            ],
        )
        for number in range(ROWS):
            key = {"pk": {"S": f"p{number % 3}"}, "sk": {"S": f"{number * 7 % 50:02}"}}
            due = {"shard": {"S": f"s{number % 2}"}, "due": {"N": str(number // 4)}} if number % 5 else {}
            client.put_item(TableName=TABLE, Item={**key, **due, "text": {"S": "x" * (number % 4) * 20_000}})
        yield cloud


def keys(hash_name: str, range_name: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_name, "KeyType": "HASH"},
        {"AttributeName": range_name, "KeyType": "RANGE"},
    ]


def generated(chance: random.Random) -> Request:
    index = chance.choice([None, *PROJECTIONS])
    key, sort = ("pk", "sk") if index is None else ("shard", "due")
    text = chance.choice(CONDITIONS).format(key=key, sort=sort)
    value = {TYPES[sort]: str(chance.randint(0, 16))}
    values = {
        ":key": {"S": chance.choice(["p0", "p1"] if index is None else ["s0", "s1", "none"])},
        ":one": value,
        ":two": {TYPES[sort]: str(chance.randint(5, 40))},
    }
    return {
        "TableName": TABLE,
        "KeyConditionExpression": text,
        "ExpressionAttributeValues": {name: value for name, value in values.items() if name in text},
        **({"ExpressionAttributeNames": {"#sort": sort}} if "#sort" in text else {}),
        **({"IndexName": index} if index else {}),
        **({"ScanIndexForward": False} if chance.random() < 0.5 else {}),
        **({"Limit": chance.randint(1, 7)} if chance.random() < 0.7 else {}),
        **({"ConsistentRead": True} if chance.random() < 0.1 else {}),
    }


def pages(cloud: OfflineCloud, request: Request, *, is_fast: bool) -> list[object]:
    """Return all pages of a query, or its error."""
    client = cloud.client("dynamodb")
    found: list[object] = []
    start: Request = {}
    while True:
        slow_path = partial(SLOW_PATH, client, "Query", {**request, **start})
        try:
            response = shorten(client, "Query", {**request, **start}, slow_path) if is_fast else slow_path()
        except (AttributeError, ClientError) as error:  # moto has no prefix of a number
            return [*found, str(error)]
        found.append({name: value for name, value in response.items() if name != "ResponseMetadata"})
        if "LastEvaluatedKey" not in response:
            return found
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}


def test_generated_queries_have_the_same_pages_on_both_paths(cloud: OfflineCloud) -> None:
    chance = random.Random(1)  # noqa: S311 - must be repeatable, not secret
    count = planned = 0
    for _ in range(QUERIES):
        request = generated(chance)
        fast, slow = (pages(cloud, request, is_fast=is_fast) for is_fast in (True, False))
        assert fast == slow, request
        count += len(fast)
        planned += is_planned(cloud, request)
    assert count > QUERIES * 1.5
    assert planned > QUERIES // 2


def test_queries_between_writes_have_equal_pages_on_both_paths(cloud: OfflineCloud) -> None:
    chance = random.Random(2)  # noqa: S311 - as above
    for _ in range(QUERIES):
        write(cloud, chance)
        request = generated(chance)
        fast, slow = (pages(cloud, request, is_fast=is_fast) for is_fast in (True, False))
        assert fast == slow, request


def write(cloud: OfflineCloud, chance: random.Random) -> None:
    """Put, update or delete a row directly on the table or through moto's handler."""
    key = {"pk": {"S": f"p{chance.randint(0, 2)}"}, "sk": {"S": f"{chance.randint(0, 80):02}"}}
    due = {"shard": {"S": f"s{chance.randint(0, 1)}"}, "due": {"N": str(chance.randint(0, 16))}}
    row = {**key, **(due if chance.random() < 0.7 else {})}
    values = {":due": due["due"], ":shard": due["shard"]}
    names, text = {"#shard": "shard"}, "SET due = :due, #shard = :shard"
    writes: list[tuple[str, Request]] = [
        ("PutItem", {"Item": row}),
        ("DeleteItem", {"Key": key}),
        (
            "UpdateItem",
            {
                "Key": key,
                "UpdateExpression": text,
                "ExpressionAttributeNames": names,
                "ExpressionAttributeValues": values,
            },
        ),
        ("UpdateItem", {"Key": key, "UpdateExpression": "REMOVE due"}),
    ]
    operation, parts = chance.choice(writes)
    client, request = cloud.client("dynamodb"), {"TableName": TABLE, **parts}
    slow_path = partial(SLOW_PATH, client, operation, request)
    shorten(client, operation, request, slow_path) if chance.random() < 0.7 else slow_path()


def is_planned(cloud: OfflineCloud, request: Request) -> bool:
    try:
        query(cloud.engine.dynamodb, request)
    except NotPlannedError:
        return False
    return True
