"""The short way to DynamoDB answers as the long one does, and leaves the same behind."""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError

from pocketcloud import OfflineCloud
from pocketcloud.dynamodb.fast_path import shortened

TABLE = "things"
KEY = {"pk": {"S": "a"}, "sk": {"S": "1"}}
ROW = {
    **KEY,
    "n": {"N": "3"},
    "words": {"L": [{"S": "x"}, {"NULL": True}]},
    "map": {"M": {"b": {"BOOL": False}}},
}
RENAMED = {"#n": "n"}

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("PutItem", {"TableName": TABLE, "Item": {**KEY, "n": {"N": "5"}}, "ReturnValues": "ALL_OLD"}),
    ("PutItem", {"TableName": TABLE, "Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}),
    (
        "PutItem",
        {
            "TableName": TABLE,
            "Item": KEY,
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    ("GetItem", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True}),
    ("GetItem", {"TableName": TABLE, "Key": {**KEY, "sk": {"S": "none"}}}),
    ("GetItem", {"TableName": "nowhere", "Key": KEY}),
    ("GetItem", {"TableName": TABLE, "Key": {"pk": {"S": "a"}}}),
    ("BatchGetItem", {"RequestItems": {TABLE: {"Keys": [KEY, {**KEY, "sk": {"S": "none"}}]}}}),
    (
        "UpdateItem",
        {
            "TableName": TABLE,
            "Key": KEY,
            "UpdateExpression": "SET #n = #n + :one",
            "ExpressionAttributeNames": RENAMED,
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    ("DeleteItem", {"TableName": TABLE, "Key": KEY, "ReturnValues": "ALL_OLD"}),
    ("Scan", {"TableName": TABLE}),
    (
        "Query",
        {
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "a"}},
            "Limit": 1,
        },
    ),
    ("Query", {"TableName": TABLE, "KeyConditionExpression": "pk = :pk"}),
    (
        "BatchWriteItem",
        {
            "RequestItems": {
                TABLE: [
                    {"PutRequest": {"Item": {**KEY, "sk": {"S": "9"}}}},
                    {"DeleteRequest": {"Key": {**KEY, "sk": {"S": "none"}}}},
                ]
            }
        },
    ),
    (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": TABLE, "Item": {**KEY, "sk": {"S": "2"}}}},
                {
                    "Update": {
                        "TableName": TABLE,
                        "Key": KEY,
                        "UpdateExpression": "SET #n = #n - :one",
                        "ConditionExpression": "#n >= :one",
                        "ExpressionAttributeNames": RENAMED,
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    }
                },
            ]
        },
    ),
    (
        "TransactWriteItems",
        {
            "TransactItems": [
                {"Put": {"TableName": TABLE, "Item": {**KEY, "sk": {"S": "2"}}}},
                {
                    "ConditionCheck": {
                        "TableName": TABLE,
                        "Key": KEY,
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ]
        },
    ),
]


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        cloud.client("dynamodb").create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        )
        yield cloud


def ways(cloud: OfflineCloud) -> tuple[Any, Any]:
    client = cloud.client("dynamodb")

    def long_way(operation: str, parameters: dict[str, Any]) -> Any:
        return client._make_api_call(operation, parameters)  # noqa: SLF001 - the way every call goes

    def short_way(operation: str, parameters: dict[str, Any]) -> Any:
        return shortened(client, operation, parameters, partial(long_way, operation, parameters))

    return long_way, short_way


def outcome(cloud: OfflineCloud, way: Any, operation: str, parameters: dict[str, Any]) -> tuple[Any, Any]:
    """What the call answers or refuses, and what the table holds afterwards; from the same start."""
    client = cloud.client("dynamodb")
    for item in client.scan(TableName=TABLE)["Items"]:
        client.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    client.put_item(TableName=TABLE, Item=ROW)
    try:
        answer = {
            name: value
            for name, value in way(operation, deepcopy(parameters)).items()
            if name != "ResponseMetadata"
        }
    except ClientError as error:
        answer = {name: value for name, value in error.response.items() if name != "ResponseMetadata"}
    return answer, client.scan(TableName=TABLE)["Items"]


@pytest.mark.parametrize(("operation", "parameters"), CALLS)
def test_both_ways_answer_and_leave_the_same(
    cloud: OfflineCloud, operation: str, parameters: dict[str, Any]
) -> None:
    long_way, short_way = ways(cloud)
    expected = outcome(cloud, long_way, operation, parameters)
    assert outcome(cloud, short_way, operation, parameters) == expected


def test_the_short_way_refuses_malformed_parameters_as_botocore_does(cloud: OfflineCloud) -> None:
    _, short_way = ways(cloud)
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        short_way("GetItem", {"TableName": TABLE})


def test_neither_side_can_change_what_the_other_holds(cloud: OfflineCloud) -> None:
    _, short_way = ways(cloud)
    mine: dict[str, Any] = {**KEY, "map": {"M": {"x": {"S": "before"}}}}
    short_way("PutItem", {"TableName": TABLE, "Item": mine})
    mine["map"]["M"]["x"]["S"] = "after"
    first = short_way("GetItem", {"TableName": TABLE, "Key": KEY})["Item"]
    assert first["map"] == {"M": {"x": {"S": "before"}}}
    first["map"]["M"].clear()
    assert short_way("GetItem", {"TableName": TABLE, "Key": KEY})["Item"]["map"]["M"]
