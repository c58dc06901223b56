"""A second account with the same assembly is restored from a snapshot, and shares nothing with the first."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from rest_stack import rest_stack
from small_world import policy, trust

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.deployment import deploy
from pocketcloud.snapshots import deployments

WriteAssembly = Callable[..., Path]
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "work"}}
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "things",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
    },
}
BUCKET = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}}
TEMPLATES = {"shop": {"Resources": {"Queue": QUEUE, "Table": TABLE, "Bucket": BUCKET}}}


@pytest.fixture
def deploys(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Return the assemblies that were deployed; an account was open in the process before."""
    made: list[Path] = []

    def noted(assembly: Path, *arguments: Any) -> Any:
        made.append(assembly)
        return deploy(assembly, *arguments)

    monkeypatch.setattr(deployments, "deploy", noted)
    monkeypatch.setattr(deployments, "_deployed", {"another"})
    yield made
    deployments._SNAPSHOTS.clear()  # noqa: SLF001 - the assemblies are gone


def change(cloud: OfflineCloud) -> None:
    """Change data, settings and resources."""
    sqs, dynamodb, s3 = cloud.client("sqs"), cloud.client("dynamodb"), cloud.client("s3")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="left behind")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})
    sqs.tag_queue(QueueUrl=url, Tags={"owner": "test"})
    sqs.create_queue(QueueName="more")
    dynamodb.put_item(TableName="things", Item={"pk": {"S": "a"}})
    dynamodb.delete_table(TableName="things")
    s3.put_object(Bucket="files", Key="a", Body=b"a" * 2_000)
    cloud.advance(minutes=3)


def observed(cloud: OfflineCloud) -> object:
    """Return what the account's interfaces show."""
    sqs, dynamodb, s3 = cloud.client("sqs"), cloud.client("dynamodb"), cloud.client("s3")
    url = sqs.get_queue_url(QueueName="work")["QueueUrl"]
    stack = cloud.client("cloudformation").describe_stacks()["Stacks"][0]
    return (
        cloud.clock.now(),
        sqs.list_queues()["QueueUrls"],
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"],
        sqs.list_queue_tags(QueueUrl=url).get("Tags"),
        dynamodb.scan(TableName="things")["Items"],
        dynamodb.describe_table(TableName="things")["Table"],
        s3.list_objects_v2(Bucket="files")["KeyCount"],
        stack["StackId"],
        stack["CreationTime"],
    )


def test_restored_account_shows_nothing_of_an_earlier_one(
    write_assembly: WriteAssembly, deploys: list[Path]
) -> None:
    assembly = write_assembly(TEMPLATES)
    seen = []
    for _ in range(3):
        with OfflineCloud.start(assembly=assembly) as cloud:
            seen.append(observed(cloud))
            change(cloud)
    assert seen == [seen[0]] * 3
    assert deploys == [assembly]


def test_snapshot_is_of_the_same_assembly_seed_and_files(
    write_assembly: WriteAssembly, deploys: list[Path]
) -> None:
    assembly = write_assembly(TEMPLATES)
    for seed in (1, 2, 1):
        with OfflineCloud.start(assembly=assembly, seed=seed):
            pass
    assert len(deploys) == 2
    write_assembly({"shop": {"Resources": {"Queue": QUEUE}}})
    with (
        OfflineCloud.start(assembly=assembly, seed=1) as cloud,
        pytest.raises(ClientError, match="not found"),
    ):
        cloud.client("dynamodb").describe_table(TableName="things")
    assert len(deploys) == 3


def test_restored_account_is_updated_as_a_deployed_one(
    write_assembly: WriteAssembly, deploys: list[Path], tmp_path: Path
) -> None:
    smaller = tmp_path / "smaller"
    shutil.copytree(write_assembly({"shop": {"Resources": {"Queue": QUEUE}}}), smaller)
    assembly, changes = write_assembly(TEMPLATES), []
    for _ in range(2):
        with OfflineCloud.start(assembly=assembly) as cloud:
            changes.append(cloud.deploy(smaller))
    assert changes[0] == changes[1]
    assert (len(changes[0]), deploys) == (2, [assembly])


def test_account_is_deployed_when_its_state_cannot_be_copied(
    write_assembly: WriteAssembly, deploys: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*_: object) -> None:
        raise TypeError("cannot pickle")

    monkeypatch.setattr(deployments, "save", save)
    assembly = write_assembly(TEMPLATES)
    for _ in range(2):
        with OfflineCloud.start(assembly=assembly) as cloud:
            observed(cloud)
    assert deploys == [assembly, assembly]


def test_rest_api_and_function_url_are_restored(deploys: list[Path], write_assembly: WriteAssembly) -> None:
    url = {"AuthType": "NONE", "TargetFunctionArn": {"Fn::GetAtt": ["F", "Arn"]}}
    others = {"Url": {"Type": "AWS::Lambda::Url", "Properties": url}}
    folder = write_assembly({"shop": {"Resources": rest_stack({"GET /a": {}}, others=others)}})
    replies = []
    for _ in range(2):
        with OfflineCloud.start(assembly=folder) as cloud:
            (api,) = cloud.client("apigateway").get_rest_apis()["items"]
            address = cloud.client("lambda").get_function_url_config(FunctionName="f")["FunctionUrl"]
            reply = cloud.http("GET", "/prod/a", headers={"Host": f"{api['id']}.example"})
            replies.append((address, reply.status, reply.json()["requestContext"]["requestId"]))
    assert replies[0] == replies[1]
    assert (replies[0][1], deploys) == (200, [folder])


def test_state_machine_is_restored(deploys: list[Path], write_assembly: WriteAssembly) -> None:
    allowed = {"PolicyName": "all", "PolicyDocument": json.loads(policy())}
    role = {"AssumeRolePolicyDocument": trust("states.amazonaws.com"), "Policies": [allowed]}
    definition = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 9, "End": True}}})
    machine = {"RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "DefinitionString": definition}
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
        "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": machine},
    }
    folder = write_assembly({"shop": {"Resources": resources}})
    outcomes = []
    for _ in range(2):
        with OfflineCloud.start(assembly=folder) as cloud:
            client = cloud.client("stepfunctions")
            (listed,) = client.list_state_machines()["stateMachines"]
            started = client.start_execution(stateMachineArn=listed["stateMachineArn"])["executionArn"]
            cloud.settle()
            outcomes.append((started, client.describe_execution(executionArn=started)["status"]))
    assert outcomes[0] == outcomes[1]
    assert (outcomes[0][1], deploys) == ("SUCCEEDED", [folder])
