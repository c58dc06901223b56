"""A call of DynamoDB has the same result with HTTP and without."""

from typing import Any
from unittest.mock import patch

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from functions.shared.runtime.clients import dynamodb
from tests.unit.functions.account import ENVIRONMENT, stock
from tests.unit.functions.aws_faults import recorded_calls
from tests.unit.functions.direct_calls import SEND

pytestmark = pytest.mark.usefixtures("aws")

TABLE = ENVIRONMENT["STOCK_TABLE"]
TEAPOT = {"sku": {"S": "TEAPOT"}}
ENOUGH = {
    "UpdateExpression": "SET available = available - :n",
    "ConditionExpression": "available >= :n",
    "ExpressionAttributeValues": {":n": {"N": "2"}},
    "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
}


def result(operation: str, **parameters: Any) -> tuple[str, Any]:
    """Return the response or the error without its metadata."""
    stock(TEAPOT=1)
    try:
        response = getattr(dynamodb(), operation)(**parameters)
    except ClientError as error:
        response = dict(error.response)
        kind = type(error).__name__
    else:
        kind = "done"
    response.pop("ResponseMetadata")
    return kind, response


@pytest.mark.parametrize(
    ("kind", "operation", "parameters"),
    [
        ("ConditionalCheckFailedException", "update_item", {"TableName": TABLE, "Key": TEAPOT, **ENOUGH}),
        (
            "TransactionCanceledException",
            "transact_write_items",
            {"TransactItems": [{"Update": {"TableName": TABLE, "Key": TEAPOT, **ENOUGH}}]},
        ),
        ("ResourceNotFoundException", "get_item", {"TableName": "none", "Key": TEAPOT}),
        ("done", "get_item", {"TableName": TABLE, "Key": TEAPOT}),
        ("done", "transact_get_items", {"TransactItems": [{"Get": {"TableName": TABLE, "Key": TEAPOT}}]}),
    ],
)
def test_result_is_the_same_without_http(kind: str, operation: str, parameters: dict[str, Any]) -> None:
    direct = result(operation, **parameters)
    with patch.object(BaseClient, "_make_request", SEND):
        sent = result(operation, **parameters)
    assert direct == sent
    assert direct[0] == kind


def test_direct_call_runs_the_hooks_of_its_client() -> None:
    with recorded_calls(dynamodb()) as made:
        dynamodb().get_item(TableName=TABLE, Key=TEAPOT)
    assert made == ["GetItem"]
