"""Placeholders for unsupported resource types: a deployment proceeds, and every use of one fails."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from small_world import World, entry, trust

from pocketcloud import OfflineCloud
from pocketcloud.__main__ import main
from pocketcloud.cloudformation.errors import AssemblyError, UnsupportedResource
from pocketcloud.serving.server import serve

STREAM = "AWS::KinesisFirehose::DeliveryStream"
FLOW = {"Type": STREAM, "Properties": {"DeliveryStreamType": "DirectPut"}}
SOURCE = """\
import boto3, os
def handle(event, context):
    boto3.client("firehose").put_record(DeliveryStreamName=os.environ["FLOW"], Record={"Data": b"x"})
"""
ANYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
RESOURCES: dict[str, Any] = {
    "Flow": FLOW,
    "Role": {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust(["lambda.amazonaws.com", "events.amazonaws.com"]),
            "Policies": [{"PolicyName": "all", "PolicyDocument": ANYTHING}],
        },
    },
    "Starter": {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "FunctionName": "starter",
            "Code": {"ZipFile": SOURCE},
            "Handler": "index.handle",
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Environment": {"Variables": {"FLOW": {"Ref": "Flow"}}},
        },
    },
    "Rule": {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "EventPattern": {"source": ["orders"]},
            "Targets": [
                {
                    "Id": "1",
                    "Arn": {"Fn::GetAtt": ["Flow", "Arn"]},
                    "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                }
            ],
        },
    },
}
REASON = rf"shop/Flow \({STREAM}\) is a placeholder, because its type is not supported offline"


@pytest.fixture
def assembly(write_assembly: Callable[..., Path]) -> Path:
    output = {"Flow": {"Value": {"Fn::GetAtt": ["Flow", "Arn"]}}}
    return write_assembly({"shop": {"Resources": RESOURCES, "Outputs": output}})


@pytest.fixture
def cloud(assembly: Path) -> Iterator[OfflineCloud]:
    with OfflineCloud.start(assembly=assembly, stubs=[STREAM]) as cloud:
        yield cloud


def test_error_names_the_construct_and_the_way_to_proceed(assembly: Path) -> None:
    with pytest.raises(UnsupportedResource, match=r"shop/Flow: .*(?s:.)*SUPPORTED.md(?s:.)*--stub TYPE"):
        OfflineCloud.start(assembly=assembly)


def test_placeholder_has_an_arn_to_refer_to(cloud: OfflineCloud) -> None:
    flow = cloud.outputs["Flow"]
    assert flow.startswith("arn:aws:firehose:eu-west-1:123456789012:deliveryStream:shop-Flow-")


def test_call_of_a_function_fails_with_an_aws_error(cloud: OfflineCloud) -> None:
    result = cloud.invoke("starter", {})
    assert "An error occurred (NotImplemented) when calling the PutRecord operation" in str(result.error)
    assert "shop/Flow" in str(result.error)


def test_event_for_a_placeholder_is_undelivered(cloud: OfflineCloud) -> None:
    cloud.put_events([entry()])
    cloud.settle()
    (undelivered,) = cloud.undelivered
    assert "is a placeholder, because its type is not supported offline" in undelivered.reason


def test_outside_client_gets_an_aws_error(cloud: OfflineCloud) -> None:
    with serve(cloud, aws_port=0, http_port=0) as served, pytest.raises(ClientError, match=REASON):
        boto3.client(
            "firehose",
            endpoint_url=served.aws_url,
            region_name="eu-west-1",
            config=Config(retries={"max_attempts": 0}),
        ).put_record(DeliveryStreamName="flow", Record={"Data": b"x"})


def test_redeployment_keeps_or_removes_placeholders(
    cloud: OfflineCloud, write_assembly: Callable[..., Path]
) -> None:
    changed = {**RESOURCES, "Flow": {**FLOW, "Properties": {"DeliveryStreamType": "Other"}}}
    assert cloud.deploy(write_assembly({"shop": {"Resources": changed}})) == ()
    without = {"Role": RESOURCES["Role"]}
    cloud.deploy(write_assembly({"shop": {"Resources": without}}))
    assert World(cloud).cloud.client("lambda").list_functions()["Functions"] == []


def test_stub_of_a_supported_type_is_rejected(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AssemblyError, match="not for AWS::SQS::Queue"):
        OfflineCloud.start(assembly=assembly, stubs=["AWS::SQS::Queue"])
    assert main(["up", "--assembly", str(assembly), "--stub", "AWS::SQS::Queue"]) == 1
    assert "not for AWS::SQS::Queue" in capsys.readouterr().err


@pytest.mark.parametrize(
    "kind", ["Custom::Thing", "AWS::CloudFormation::CustomResource", "AWS::Lambda::CodeSigningConfig"]
)
def test_any_other_type_can_have_a_placeholder(write_assembly: Callable[..., Path], kind: str) -> None:
    output = {"Made": {"Value": {"Fn::GetAtt": ["Thing", "Any.Value"]}}}
    resources = {"Thing": {"Type": kind, "Properties": {}}}
    folder = write_assembly({"shop": {"Resources": resources, "Outputs": output}})
    with OfflineCloud.start(assembly=folder, stubs=[kind]) as cloud:
        assert cloud.outputs["Made"].endswith(".Any.Value")
        assert cloud.client("lambda").list_functions()["Functions"] == []
