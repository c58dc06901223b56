"""The AWS endpoint, as boto3 sees it: errors, long polls, latencies and stacks of the whole cloud."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Timer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from served_cloud import SIGNED, ask
from small_world import World, zip_files

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.stack_log import StackLog
from pocketcloud.cloudformation.stack_records import RecordedOutput, StackRecord
from pocketcloud.serving import watchdog
from pocketcloud.serving.server import Served, serve
from pocketcloud.virtual_time.latency import Latency

ONE_REQUEST = Config(retries={"max_attempts": 0})


@pytest.fixture
def whole() -> Iterator[OfflineCloud]:
    with OfflineCloud(start_at=datetime.now(UTC)) as cloud:
        cloud.engine.latency = Latency.NONE
        yield cloud


@pytest.fixture
def endpoint(whole: OfflineCloud) -> Iterator[Served]:
    with serve(whole, aws_port=0, http_port=0) as served:
        yield served


def query(served: Served, form: str) -> bytes:
    return ask(
        "POST",
        f"{served.aws_url}/",
        form.encode(),
        Content_Type="application/x-www-form-urlencoded",
        Authorization=SIGNED,
    )[2]


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sqs", "add_permission", {"QueueUrl": "x", "Label": "x", "AWSAccountIds": [], "Actions": []}),
        ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": "{}"}),
        ("events", "list_event_sources", {}),
        ("lambda", "list_capacity_providers", {}),
        ("s3", "get_bucket_abac", {"Bucket": "b"}),
        ("apigatewayv2", "get_models", {"ApiId": "a"}),
    ],
)
def test_unsupported_operation_is_an_aws_error(
    endpoint: Served, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    session: Any = boto3
    client = session.client(
        service, endpoint_url=endpoint.aws_url, config=Config(retries={"mode": "standard"})
    )
    with pytest.raises(ClientError) as raised:
        getattr(client, operation)(**parameters)
    response: Any = raised.value.response
    assert 400 <= response["ResponseMetadata"]["HTTPStatusCode"] != 500
    assert response["ResponseMetadata"]["RetryAttempts"] == 0
    assert response["Error"]["Code"]


def test_long_poll_waits_by_the_query_protocol(whole: OfflineCloud, endpoint: Served) -> None:
    World(whole).queue("late")
    url = World(whole).url("late")
    client = boto3.client("sqs", endpoint_url=endpoint.aws_url)
    sender = Timer(0.3, partial(client.send_message, QueueUrl=url, MessageBody="late"))
    sender.start()
    found = query(endpoint, f"Action=ReceiveMessage&QueueUrl={url}&WaitTimeSeconds=5")
    assert b"<Body>late</Body>" in found
    sender.join()


def test_receive_waits_for_the_time_of_its_queue(whole: OfflineCloud, endpoint: Served) -> None:
    World(whole).queue("slow", ReceiveMessageWaitTimeSeconds=1)
    client = boto3.client("sqs", endpoint_url=endpoint.aws_url)
    url, started = client.get_queue_url(QueueName="slow")["QueueUrl"], time.monotonic()
    assert "Messages" not in client.receive_message(QueueUrl=url)
    assert time.monotonic() - started >= 1
    started = time.monotonic()
    assert "Messages" not in client.receive_message(QueueUrl=url, WaitTimeSeconds=0)
    assert time.monotonic() - started < 1


def test_event_reaches_a_queue_at_once_without_latency(whole: OfflineCloud, endpoint: Served) -> None:
    world = World(whole)
    world.rule("all", {"source": ["orders"]}, {"Arn": world.queue("seen")})
    sqs = boto3.client("sqs", endpoint_url=endpoint.aws_url, config=ONE_REQUEST)
    events = boto3.client("events", endpoint_url=endpoint.aws_url, config=ONE_REQUEST)
    url = sqs.get_queue_url(QueueName="seen")["QueueUrl"]
    durations = []
    for _ in range(20):
        started = time.monotonic()
        events.put_events(Entries=[{"Source": "orders", "DetailType": "x", "Detail": "{}"}])
        assert "Messages" in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)
        durations.append(time.monotonic() - started)
    assert sorted(durations)[10] < 0.1


def test_stacks_are_described_by_name(whole: OfflineCloud, endpoint: Served) -> None:
    output = RecordedOutput("Url", "https://x", "exported")
    record = StackRecord("arn:stack", "shop", whole.clock.now(), (output,), {"Q": ("AWS::SQS::Queue", "q")})
    whole.stacks.append(record)
    client = boto3.client("cloudformation", endpoint_url=endpoint.aws_url)
    (stack,) = client.describe_stacks(StackName="shop")["Stacks"]
    assert stack["Outputs"] == [{"OutputKey": "Url", "OutputValue": "https://x", "ExportName": "exported"}]
    assert [found["StackName"] for found in client.list_stacks()["StackSummaries"]] == ["shop"]
    (resource,) = client.describe_stack_resources(StackName="shop")["StackResources"]
    assert resource["PhysicalResourceId"] == "q"
    with pytest.raises(ClientError, match="Stack with id other does not exist"):
        client.describe_stacks(StackName="other")


def test_stack_events_are_described_latest_first(whole: OfflineCloud, endpoint: Served) -> None:
    log = StackLog("shop", "arn:stack")
    log.set_status("CREATE_IN_PROGRESS", "User Initiated")
    log.write("Q", "q", "AWS::SQS::Queue", "CREATE_COMPLETE")
    log.set_status("CREATE_COMPLETE")
    log.updated_at = whole.clock.now()
    resources = {"Q": ("AWS::SQS::Queue", "q")}
    whole.stacks.append(StackRecord("arn:stack", "shop", whole.clock.now(), (), resources, log))
    client = boto3.client("cloudformation", endpoint_url=endpoint.aws_url)
    events = client.describe_stack_events(StackName="shop")["StackEvents"]
    assert [event["ResourceStatus"] for event in events] == [
        "CREATE_COMPLETE",
        "CREATE_COMPLETE",
        "CREATE_IN_PROGRESS",
    ]
    assert events[-1]["ResourceStatusReason"] == "User Initiated"
    client.get_waiter("stack_exists").wait(StackName="shop")
    (stack,) = client.describe_stacks()["Stacks"]
    assert (stack["StackStatus"], "LastUpdatedTime" in stack) == ("CREATE_COMPLETE", True)
    assert client.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"] == []


def test_endless_handler_is_stopped_at_its_timeout(
    whole: OfflineCloud, endpoint: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "_PATIENCE", timedelta(0))
    source = """
        import itertools
        def handle(event, context):
            for number in itertools.count():
                try:
                    number += 1
                except Exception:
                    return "survived"
    """
    World(whole).function("f", source, timeout=1)
    client = boto3.client("lambda", endpoint_url=endpoint.aws_url, config=ONE_REQUEST)
    response = client.invoke(FunctionName="f")
    assert response["FunctionError"] == "Unhandled"
    assert b"Task timed out after 1.00 seconds" in response["Payload"].read()
    client.update_function_code(FunctionName="f", ZipFile=zip_files({"handler.py": "handle = lambda *_: 1"}))
    assert client.invoke(FunctionName="f")["Payload"].read() == b"1"
