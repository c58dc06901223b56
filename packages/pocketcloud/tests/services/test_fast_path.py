"""The fast path gives the same responses and the same data as the slow path."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ParamValidationError

from pocketcloud import OfflineCloud
from pocketcloud.core.fast_path import shorten

SLOW_PATH = vars(BaseClient)["_make_api_call"]
"""botocore's own method; an open cloud replaces it."""
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


def paths(cloud: OfflineCloud) -> tuple[Any, Any]:
    client = cloud.client("dynamodb")

    def slow_path(operation: str, parameters: dict[str, Any]) -> Any:
        return SLOW_PATH(client, operation, parameters)

    def fast_path(operation: str, parameters: dict[str, Any]) -> Any:
        return shorten(client, operation, parameters, partial(slow_path, operation, parameters))

    return slow_path, fast_path


def outcome(cloud: OfflineCloud, path: Any, operation: str, parameters: dict[str, Any]) -> tuple[Any, Any]:
    """Return the response or error, and the table's items afterwards, from the same initial state."""
    client = cloud.client("dynamodb")
    for item in client.scan(TableName=TABLE)["Items"]:
        client.delete_item(TableName=TABLE, Key={name: item[name] for name in ("pk", "sk")})
    client.put_item(TableName=TABLE, Item=ROW)
    try:
        response = {
            name: value
            for name, value in path(operation, deepcopy(parameters)).items()
            if name != "ResponseMetadata"
        }
    except ClientError as error:
        response = {name: value for name, value in error.response.items() if name != "ResponseMetadata"}
    return response, client.scan(TableName=TABLE)["Items"]


@pytest.mark.parametrize(("operation", "parameters"), CALLS)
def test_both_paths_give_the_same_response_and_data(
    cloud: OfflineCloud, operation: str, parameters: dict[str, Any]
) -> None:
    slow_path, fast_path = paths(cloud)
    expected = outcome(cloud, slow_path, operation, parameters)
    assert outcome(cloud, fast_path, operation, parameters) == expected


def test_fast_path_rejects_malformed_parameters_as_botocore_does(cloud: OfflineCloud) -> None:
    _, fast_path = paths(cloud)
    with pytest.raises(ParamValidationError, match="Missing required parameter"):
        fast_path("GetItem", {"TableName": TABLE})


def test_request_and_response_share_no_objects_with_the_table(cloud: OfflineCloud) -> None:
    _, fast_path = paths(cloud)
    mine: dict[str, Any] = {**KEY, "map": {"M": {"x": {"S": "before"}}}}
    fast_path("PutItem", {"TableName": TABLE, "Item": mine})
    mine["map"]["M"]["x"]["S"] = "after"
    first = fast_path("GetItem", {"TableName": TABLE, "Key": KEY})["Item"]
    assert first["map"] == {"M": {"x": {"S": "before"}}}
    first["map"]["M"].clear()
    assert fast_path("GetItem", {"TableName": TABLE, "Key": KEY})["Item"]["map"]["M"]


ENTRY = {"EventBusName": "bus", "Source": "shop", "DetailType": "Sold", "Detail": "{}"}
EMAIL = {
    "FromEmailAddress": "shop@example.com",
    "Destination": {"ToAddresses": ["ada@example.com"]},
    "Content": {"Simple": {"Subject": {"Data": "Sold"}, "Body": {"Text": {"Data": "Thank you"}}}},
}


@pytest.mark.parametrize(
    "entries",
    [
        [ENTRY],
        [ENTRY, {**ENTRY, "Detail": "no JSON"}, {**ENTRY, "Time": datetime(2026, 11, 23, tzinfo=UTC)}],
        [ENTRY] * 11,
        [{**ENTRY, "EventBusName": "none"}],
        [{**ENTRY, "Detail": "x" * 1_048_576}],
    ],
    ids=["one", "one rejected", "too many", "no such bus", "too large"],
)
def test_both_paths_put_the_same_events(entries: list[dict[str, Any]]) -> None:
    found = []
    for is_fast in (False, True):
        with OfflineCloud() as cloud:
            client = cloud.client("events")
            client.create_event_bus(Name="bus")
            found.append((call_over(client, "PutEvents", {"Entries": entries}, is_fast=is_fast), sent(cloud)))
    assert found[0] == found[1]


@pytest.mark.parametrize("sender", ["shop@example.com", "unknown@example.org"])
def test_both_paths_send_the_same_email(sender: str) -> None:
    found = []
    for is_fast in (False, True):
        with OfflineCloud() as cloud:
            client = cloud.client("sesv2")
            client.create_email_identity(EmailIdentity="shop@example.com")
            request = {**EMAIL, "FromEmailAddress": sender}
            response = call_over(client, "SendEmail", request, is_fast=is_fast)
            found.append((set(response), response.get("Error"), [mail.subject for mail in cloud.mails]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "parameters",
    [
        {"QueueName": "orders"},
        {"QueueName": "absent"},
        {"QueueName": "orders", "QueueOwnerAWSAccountId": "123456789012"},
        {"QueueName": "orders", "QueueOwnerAWSAccountId": "999999999999"},
    ],
)
def test_both_paths_find_the_same_queue(cloud: OfflineCloud, parameters: dict[str, Any]) -> None:
    client = cloud.client("sqs")
    client.create_queue(QueueName="orders")
    slow, fast = (call_over(client, "GetQueueUrl", parameters, is_fast=each) for each in (False, True))
    assert slow == fast


def call_over(client: Any, operation: str, parameters: dict[str, Any], *, is_fast: bool) -> dict[str, Any]:
    slow_path = partial(SLOW_PATH, client, operation, parameters)
    try:
        response = shorten(client, operation, parameters, slow_path) if is_fast else slow_path()
    except ClientError as error:
        response = error.response
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def sent(cloud: OfflineCloud) -> list[str]:
    return [str(hop.kind) for hop in cloud.journal.hops]
