"""Templates that run after deployment: inline code, FIFO queues, weighted aliases and destinations."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small_world import ALLOWED_SERVICES, World, trust

from pocketcloud import OfflineCloud

Template = dict[str, Any]
WriteAssembly = Callable[..., Path]
ROLE = {
    "Type": "AWS::IAM::Role",
    "Properties": {
        "AssumeRolePolicyDocument": trust(ALLOWED_SERVICES),
        "Policies": [
            {
                "PolicyName": "all",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
                },
            }
        ],
    },
}
INLINE = """
def handle(event, context):
    print(len(event.get("Records", [])))
    return 1 / event.get("n", 1)
"""


def get(name: str, attribute: str = "Arn") -> dict[str, Any]:
    return {"Fn::GetAtt": [name, attribute]}


def function(**more: Any) -> Template:
    properties = {
        "FunctionName": "f",
        "Code": {"ZipFile": INLINE},
        "Handler": "index.handle",
        "Runtime": "python3.13",
        "Role": get("Role"),
        **more,
    }
    return {"Type": "AWS::Lambda::Function", "Properties": properties, "DependsOn": "Role"}


def queue(**properties: Any) -> Template:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def start(write_assembly: WriteAssembly, resources: Template) -> OfflineCloud:
    return OfflineCloud.start(assembly=write_assembly({"shop": {"Resources": resources}}))


def test_fifo_queue_feeds_an_inline_function(write_assembly: WriteAssembly) -> None:
    redrive = {"deadLetterTargetArn": get("Dead"), "maxReceiveCount": 1}
    resources = {
        "Role": ROLE,
        "F": function(),
        "Dead": queue(FifoQueue=True),
        "Q": queue(QueueName="q.fifo", FifoQueue=True, ContentBasedDeduplication=True, RedrivePolicy=redrive),
        "Mapping": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"EventSourceArn": get("Q"), "FunctionName": {"Ref": "F"}},
        },
    }
    with start(write_assembly, resources) as cloud:
        url = World(cloud).url("q.fifo")
        for body in ("a", "a", "b"):
            cloud.client("sqs").send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
        cloud.settle()
        assert cloud.logs("f") == ["2"]


def test_event_invoke_config_sends_failures_to_its_destination(write_assembly: WriteAssembly) -> None:
    config = {
        "FunctionName": {"Ref": "F"},
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnFailure": {"Destination": get("Failed")}},
    }
    resources = {
        "Role": ROLE,
        "F": function(),
        "Failed": queue(QueueName="failed"),
        "Config": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": config},
    }
    with start(write_assembly, resources) as cloud:
        cloud.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b'{"n": 0}')
        cloud.settle()
        (record,) = map(json.loads, World(cloud).bodies("failed"))
        assert record["responsePayload"]["errorType"] == "ZeroDivisionError"


def test_alias_has_the_weights_of_its_template(write_assembly: WriteAssembly) -> None:
    version = {"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": "F"}}}
    alias = {
        "FunctionName": {"Ref": "F"},
        "Name": "live",
        "FunctionVersion": get("One", "Version"),
        "RoutingConfig": {
            "AdditionalVersionWeights": [{"FunctionVersion": get("One", "Version"), "FunctionWeight": 0.25}]
        },
    }
    resources = {
        "Role": ROLE,
        "F": function(),
        "One": version,
        "Live": {"Type": "AWS::Lambda::Alias", "Properties": alias},
    }
    with start(write_assembly, resources) as cloud:
        found = cloud.client("lambda").get_alias(FunctionName="f", Name="live")
        assert found["RoutingConfig"] == {"AdditionalVersionWeights": {"1": 0.25}}


def test_stacks_of_an_assembly_are_described(write_assembly: WriteAssembly) -> None:
    with start(write_assembly, {"Q": queue(QueueName="q")}) as cloud:
        (stack,) = cloud.client("cloudformation").describe_stacks()["Stacks"]
        assert (stack["StackName"], stack["StackStatus"]) == ("shop", "CREATE_COMPLETE")
        resources = cloud.client("cloudformation").list_stack_resources(StackName="shop")
        assert [each["ResourceType"] for each in resources["StackResourceSummaries"]] == ["AWS::SQS::Queue"]


@pytest.mark.parametrize("custom", [False, True], ids=["property", "custom resource of the CDK"])
def test_bucket_notifies_event_bridge(write_assembly: WriteAssembly, *, custom: bool) -> None:
    own = {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}}
    allow = {
        "Effect": "Allow",
        "Action": "sqs:*",
        "Resource": "*",
        "Principal": {"Service": ALLOWED_SERVICES},
    }
    resources = {
        "B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "receipts", **({} if custom else own)}},
        "Q": queue(QueueName="q"),
        "Policy": {
            "Type": "AWS::SQS::QueuePolicy",
            "Properties": {
                "Queues": [{"Ref": "Q"}],
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [allow]},
            },
        },
        "Rule": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"source": ["aws.s3"]},
                "Targets": [{"Id": "q", "Arn": get("Q")}],
            },
        },
    }
    if custom:
        resources["Notifications"] = {
            "Type": "Custom::S3BucketNotifications",
            "Properties": {
                "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:handler",
                "BucketName": {"Ref": "B"},
                "NotificationConfiguration": {"EventBridgeConfiguration": {}},
                "Managed": True,
            },
        }
    with start(write_assembly, resources) as cloud:
        cloud.client("s3").put_object(Bucket="receipts", Key="k", Body=b"x")
        cloud.settle()
        (event,) = map(json.loads, World(cloud).bodies("q"))
        assert event["detail"]["object"]["key"] == "k"
