"""Requests that skip moto's Flask applications get the same responses as from these."""

import json
from typing import Any

import pytest
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import Client

from pocketcloud import OfflineCloud
from pocketcloud.iam.policy_changes import may_change_policies
from pocketcloud.serving.direct_requests import direct_requests

QUEUE = "http://localhost:4566/123456789012/queue"
ENTRY = {"EventBusName": "bus", "Source": "shop", "DetailType": "Sold", "Detail": "{}"}
Asked = tuple[str, str, dict[str, Any]]
REQUESTS: list[Asked] = [
    ("events", "AWSEvents.PutEvents", {"Entries": [ENTRY, {**ENTRY, "Detail": "no JSON"}]}),
    ("events", "AWSEvents.PutEvents", {"Entries": [ENTRY] * 11}),
    ("events", "AWSEvents.DescribeRule", {"Name": "none"}),
    ("sqs", "AmazonSQS.SendMessage", {"QueueUrl": QUEUE, "MessageBody": "hello"}),
    ("sqs", "AmazonSQS.SendMessage", {"QueueUrl": QUEUE, "MessageBody": "\u0000"}),
    ("sqs", "AmazonSQS.ReceiveMessage", {"QueueUrl": QUEUE, "MaxNumberOfMessages": 5}),
    ("sqs", "AmazonSQS.GetQueueUrl", {"QueueName": "none"}),
    ("sqs", "AmazonSQS.CreateQueue", {"QueueName": "another"}),
    ("dynamodb", "DynamoDB_20120810.ListTables", {}),
    ("dynamodb", "DynamoDB_20120810.DescribeTable", {"TableName": "none"}),
]


def responses(*, is_direct: bool) -> list[tuple[int, Any]]:
    """Return status and body of all requests, from the same initial state."""
    with OfflineCloud() as cloud:
        cloud.client("events").create_event_bus(Name="bus")
        cloud.client("sqs").create_queue(QueueName="queue")
        mock_random.seed(0)
        moto = DomainDispatcherApplication(create_backend_app)
        client = Client(direct_requests(moto) if is_direct else moto)
        return [response(client, *request) for request in REQUESTS]


def response(client: Client, service: str, target: str, body: dict[str, Any]) -> tuple[int, Any]:
    scope = f"AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host"
    headers = {"X-Amz-Target": target, "Authorization": scope, "Host": "localhost:4566"}
    found = client.post(
        "/", data=json.dumps(body), headers=headers, content_type="application/x-amz-json-1.0"
    )
    return found.status_code, json.loads(found.get_data() or b"{}")


def test_direct_requests_have_the_same_responses_as_through_flask() -> None:
    direct, through_flask = responses(is_direct=True), responses(is_direct=False)
    assert direct == through_flask
    assert {status for status, _ in direct} == {200, 400}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("AmazonSQS.SetQueueAttributes", True),
        ("AWSEvents.PutPermission", True),
        ("", True),
        ("AmazonSQS.ReceiveMessage", False),
        ("DynamoDB_20120810.PutItem", False),
    ],
)
def test_only_requests_about_policies_may_change_them(*, target: str, expected: bool) -> None:
    assert may_change_policies(target) is expected
