"""Asynchronous invocations: Invoke with `Event`, retries, destinations and dead-letter queues."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import FAILING, World, arn

from pocketcloud import OfflineCloud
from pocketcloud.core.engine import UnsupportedOfflineError

HANDLING = """
    def handle(event, context):
        print(event["number"])
        return {"seen": event["number"]}
"""


def invoke(world: World, name: str = "f", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = world.cloud.client("lambda").invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps({"number": 7}).encode(), **more
    )
    return made


def configure(world: World, **options: Any) -> None:
    world.cloud.client("lambda").put_function_event_invoke_config(FunctionName="f", **options)


def destinations(**chosen: str) -> dict[str, Any]:
    return {"DestinationConfig": {kind: {"Destination": target} for kind, target in chosen.items()}}


def test_event_invocation_runs_later(cloud: OfflineCloud, world: World) -> None:
    world.function("f", HANDLING)
    response = invoke(world)
    assert (response["StatusCode"], cloud.logs("f")) == (202, [])
    cloud.settle()
    assert cloud.logs("f") == ["7"]


def test_function_sees_the_id_of_its_request(cloud: OfflineCloud, world: World) -> None:
    world.function("f", "def handle(event, context): print(context.aws_request_id)")
    response = invoke(world)
    cloud.settle()
    assert cloud.logs("f") == [response["ResponseMetadata"]["RequestId"]]


def test_failed_event_is_retried_twice_and_dropped(cloud: OfflineCloud, world: World) -> None:
    world.function("f", FAILING)
    began = cloud.clock.now()
    invoke(world)
    cloud.settle()
    assert len(cloud.logs("f")) == 3
    assert (cloud.clock.now() - began).total_seconds() == pytest.approx(180)
    (lost,) = cloud.undelivered
    assert json.loads(lost.body) == {"number": 7}


def test_retries_and_age_are_configured(cloud: OfflineCloud, world: World) -> None:
    world.function("f", FAILING)
    configure(world, MaximumRetryAttempts=0)
    invoke(world)
    cloud.settle()
    assert len(cloud.logs("f")) == 1
    configure(world, MaximumEventAgeInSeconds=100, MaximumRetryAttempts=2)
    invoke(world)
    cloud.settle()
    assert len(cloud.logs("f")) == 3


def test_failure_destination_gets_a_record(cloud: OfflineCloud, world: World) -> None:
    world.function("f", FAILING)
    world.queue("failed")
    configure(world, MaximumRetryAttempts=1, **destinations(OnFailure=arn("sqs", "failed")))
    invoke(world)
    cloud.settle()
    (record,) = map(json.loads, world.bodies("failed"))
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 2)
    assert context["functionArn"] == arn("lambda", "function:f:$LATEST")
    assert record["requestPayload"] == {"number": 7}
    assert record["responsePayload"]["errorMessage"] == "no"
    assert record["responseContext"]["functionError"] == "Unhandled"
    (lost,) = cloud.undelivered
    assert lost.where == "queue/failed"


def test_success_destinations_are_topics_functions_and_buses(cloud: OfflineCloud, world: World) -> None:
    world.function("f", HANDLING)
    world.function("next", "def handle(event, context): print(event['responsePayload']['seen'])")
    for name in ("of-topic", "of-bus"):
        world.queue(name)
    topic, bus = world.topic("t"), world.bus("b")
    world.subscribe(topic, arn("sqs", "of-topic"))
    world.rule("r", {"source": ["lambda"]}, {"Arn": arn("sqs", "of-bus")}, bus="b")
    for target in (topic, bus, arn("lambda", "function:next")):
        configure(world, **destinations(OnSuccess=target))
        invoke(world)
        cloud.settle()
    (record,) = map(json.loads, world.bodies("of-topic"))
    assert record["requestContext"]["condition"] == "Success"
    (event,) = map(json.loads, world.bodies("of-bus"))
    assert event["detail-type"] == "Lambda Function Invocation Result - Success"
    assert event["detail"]["responsePayload"] == {"seen": 7}
    assert cloud.logs("next") == ["7"]


def test_dead_letter_queue_gets_the_event(cloud: OfflineCloud, world: World) -> None:
    world.queue("dead")
    world.function("f", FAILING, DeadLetterConfig={"TargetArn": arn("sqs", "dead")})
    invoke(world)
    cloud.settle()
    (message,) = world.messages("dead")
    assert json.loads(message["Body"]) == {"number": 7}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"


def test_settings_belong_to_the_qualifier(cloud: OfflineCloud, world: World) -> None:
    world.function("f", FAILING, Publish=True)
    client = cloud.client("lambda")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    configure(world, MaximumRetryAttempts=0, Qualifier="live")
    invoke(world, Qualifier="live")
    cloud.settle()
    assert len(cloud.logs("f")) == 1
    (shown,) = client.list_function_event_invoke_configs(FunctionName="f")["FunctionEventInvokeConfigs"]
    assert shown["FunctionArn"] == arn("lambda", "function:f:live")
    client.update_function_event_invoke_config(
        FunctionName="f", Qualifier="live", MaximumEventAgeInSeconds=60
    )
    shown = client.get_function_event_invoke_config(FunctionName="f", Qualifier="live")
    assert (shown["MaximumRetryAttempts"], shown["MaximumEventAgeInSeconds"]) == (0, 60)
    client.delete_function_event_invoke_config(FunctionName="f", Qualifier="live")
    with pytest.raises(ClientError, match="doesn't have an EventInvokeConfig"):
        client.get_function_event_invoke_config(FunctionName="f", Qualifier="live")


def test_destination_without_permission_is_rejected(cloud: OfflineCloud, world: World) -> None:
    world.function("f", HANDLING)
    cloud.client("iam").delete_role_policy(RoleName="any", PolicyName="everything")
    with pytest.raises(ClientError, match="does not have permissions to call SendMessage"):
        configure(world, **destinations(OnFailure=arn("sqs", "failed")))


def test_destination_in_a_bucket_is_rejected_by_name(world: World) -> None:
    world.function("f", HANDLING)
    with pytest.raises(UnsupportedOfflineError, match="arn:aws:s3:::bucket is not supported"):
        configure(world, **destinations(OnFailure="arn:aws:s3:::bucket"))
