"""Calls of a function's code have a condition key that Lambda's own calls with its role lack."""

import json
from collections.abc import Iterator

import pytest
from small_world import World, arn

from pocketcloud import OfflineCloud

CALLING = """
    import boto3
    def handle(event, context):
        client = boto3.client("sqs")
        try:
            client.purge_queue(QueueUrl=event["url"])
        except client.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
"""


@pytest.fixture
def world() -> Iterator[World]:
    with OfflineCloud(seed=1) as cloud:
        yield World(cloud)


def test_code_is_denied_actions_for_lambda_alone(world: World) -> None:
    world.queue("dead")
    world.queue("q", dead_letters="dead", receives=1)
    world.function("f", CALLING)
    world.mapping(arn("sqs", "q"), "f")
    condition = {"ArnEquals": {"lambda:SourceFunctionArn": arn("lambda", "function:f")}}
    denied = {"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Condition": condition}
    role = world.cloud.client("lambda").get_function_configuration(FunctionName="f")["Role"]
    world.cloud.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2],
        PolicyName="code",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [denied]}),
    )
    assert world.cloud.invoke("f", {"url": world.url("q")}).payload == "AccessDenied"
    world.send("q", "polled, and the function does not understand it")
    world.cloud.settle()
    assert len(world.messages("dead")) == 1
    denials = [each.action for each in world.cloud.access.denials if each.action.startswith("sqs:")]
    assert denials == ["sqs:PurgeQueue"]
