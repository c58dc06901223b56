"""Deploy a changed assembly again: create, update, replace and delete, with CloudFormation's effect on data.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_world import trust

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import (
    StackUpdateError,
    TemplateError,
    UnsupportedChange,
    UnsupportedResource,
)
from pocketcloud.cloudformation.stack_records import OPERATIONS

Resources = dict[str, Any]
Deploy = Callable[..., tuple[str, ...]]


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        yield cloud


@pytest.fixture
def deploy(write_assembly: Callable[..., Path], cloud: OfflineCloud) -> Deploy:
    """Deploy the stack `shop` with these resources, the first time or again."""

    def deploy_them(resources: Resources, outputs: Resources | None = None, **more: Any) -> tuple[str, ...]:
        folder = write_assembly({"shop": {"Resources": resources, "Outputs": outputs or {}}}, **more)
        return cloud.deploy(folder)

    return deploy_them


def queue(**properties: Any) -> Resources:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def table(key: str = "pk", **more: Any) -> Resources:
    properties = {
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    policies: Resources = {
        name: more.pop(name) for name in ("DeletionPolicy", "UpdateReplacePolicy") if name in more
    }
    return {"Type": "AWS::DynamoDB::Table", "Properties": {**properties, **more}, **policies}


def only_table(cloud: OfflineCloud) -> str:
    (name,) = cloud.client("dynamodb").list_tables()["TableNames"]
    return str(name)


def rows(cloud: OfflineCloud, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = cloud.client("dynamodb").scan(TableName=name)["Items"]
    return found


def put(cloud: OfflineCloud, name: str, key: str = "pk") -> None:
    cloud.client("dynamodb").put_item(TableName=name, Item={key: {"S": "a"}})


def show(cloud: OfflineCloud, operation: str, **parameters: str) -> Any:
    return OPERATIONS[operation](cloud.stacks, parameters)


def test_unchanged_assembly_changes_nothing(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"T": table()})
    assert deploy({"T": table()}) == ()
    assert show(cloud, "DescribeStacks")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def test_update_in_place_keeps_data(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"T": table(), "Q": queue(VisibilityTimeout=30, DelaySeconds=1)})
    put(cloud, name := only_table(cloud))
    sqs = cloud.client("sqs")
    (url,) = sqs.list_queues()["QueueUrls"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    changes = deploy({"T": table(DeletionProtectionEnabled=True), "Q": queue(VisibilityTimeout=60)})
    assert set(changes) == {
        "shop/T (AWS::DynamoDB::Table) was updated",
        "shop/Q (AWS::SQS::Queue) was updated",
    }
    assert (only_table(cloud), rows(cloud, name)) == (name, [{"pk": {"S": "a"}}])
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert (attributes["VisibilityTimeout"], attributes["DelaySeconds"]) == ("60", "0")
    cloud.advance(seconds=1)
    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "kept"


def test_replaced_table_loses_its_rows(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"T": table(), "Name": parameter({"Ref": "T"})})
    put(cloud, old := only_table(cloud))
    changes = deploy({"T": table("id"), "Name": parameter({"Ref": "T"})})
    new = only_table(cloud)
    assert changes == (
        "shop/T (AWS::DynamoDB::Table) was replaced",
        "shop/Name (AWS::SSM::Parameter) was updated",
        f"shop/T (AWS::DynamoDB::Table) {old} was deleted",
    )
    assert (new != old, rows(cloud, new)) == (True, [])
    assert cloud.client("ssm").get_parameter(Name="table")["Parameter"]["Value"] == new


def parameter(value: Any) -> Resources:
    properties = {"Name": "table", "Type": "String", "Value": value}
    return {"Type": "AWS::SSM::Parameter", "Properties": properties}


def test_retained_predecessor_keeps_its_rows(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"T": table(UpdateReplacePolicy="Retain")})
    put(cloud, old := only_table(cloud))
    changes = deploy({"T": table("id", UpdateReplacePolicy="Retain")})
    assert changes[-1] == f"shop/T (AWS::DynamoDB::Table) {old} is retained outside the stack"
    assert rows(cloud, old) == [{"pk": {"S": "a"}}]
    assert len(cloud.client("dynamodb").list_tables()["TableNames"]) == 2


@pytest.mark.parametrize(("policy", "left"), [("Delete", 0), ("Retain", 1), ("RetainExceptOnCreate", 1)])
def test_removed_resource_follows_its_deletion_policy(
    cloud: OfflineCloud, deploy: Deploy, policy: str, left: int
) -> None:
    deploy({"T": table(DeletionPolicy=policy), "Q": queue()})
    deploy({"Q": queue()})
    assert len(cloud.client("dynamodb").list_tables()["TableNames"]) == left
    assert [each["LogicalResourceId"] for each in list_resources(cloud)] == ["Q"]


def list_resources(cloud: OfflineCloud) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = show(cloud, "ListStackResources", StackName="shop")[
        "StackResourceSummaries"
    ]
    return found


def test_custom_named_resource_cannot_be_replaced(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"Q": queue(QueueName="q"), "T": table(TableName="orders")})
    put(cloud, "orders")
    with pytest.raises(StackUpdateError, match="cannot update a stack when a custom-named") as caught:
        deploy({"Q": queue(QueueName="q", DelaySeconds=5), "T": table("id", TableName="orders")})
    assert "Rename orders and update the stack again" in str(caught.value)
    assert "stack shop is as it was before: UPDATE_ROLLBACK_COMPLETE" in str(caught.value)
    url = cloud.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]
    found = cloud.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["DelaySeconds"])
    assert found["Attributes"] == {"DelaySeconds": "0"}
    assert rows(cloud, "orders") == [{"pk": {"S": "a"}}]
    assert show(cloud, "DescribeStacks")["Stacks"][0]["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"


def test_failed_update_deletes_what_it_created(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"Q": queue(QueueName="q")})
    missing = {"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:123456789012:nowhere", "maxReceiveCount": 3}
    broken = queue(QueueName="broken", RedrivePolicy=missing)
    with pytest.raises(StackUpdateError, match=r"shop/Z \(AWS::SQS::Queue\).*does not exist"):
        deploy({"Q": queue(QueueName="q"), "A": table(), "B": queue(QueueName="b"), "Z": broken | after("B")})
    assert cloud.client("dynamodb").list_tables()["TableNames"] == []
    (url,) = cloud.client("sqs").list_queues()["QueueUrls"]
    assert url.endswith("/q")
    statuses = [
        event["ResourceStatus"]
        for event in show(cloud, "DescribeStackEvents", StackName="shop")["StackEvents"]
    ]
    assert statuses[0] == "UPDATE_ROLLBACK_COMPLETE"
    assert "CREATE_FAILED" in statuses
    deploy({"Q": queue(QueueName="q"), "B": queue(QueueName="b")})
    assert show(cloud, "DescribeStacks")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"


def after(logical_id: str) -> Resources:
    return {"DependsOn": logical_id}


def test_new_stack_that_fails_is_rolled_back(
    cloud: OfflineCloud, deploy: Deploy, write_assembly: Callable[..., Path]
) -> None:
    deploy({"Q": queue(QueueName="q")})
    broken = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "no spaces"}, "DependsOn": "B"}
    second = {"Resources": {"B": queue(QueueName="b"), "Z": broken}}
    folder = write_assembly({"shop": {"Resources": {"Q": queue(QueueName="q")}}, "more": second})
    with pytest.raises(StackUpdateError, match="ROLLBACK_COMPLETE"):
        cloud.deploy(folder)
    assert len(cloud.client("sqs").list_queues()["QueueUrls"]) == 1
    statuses = {
        each["StackName"]: each["StackStatus"] for each in show(cloud, "ListStacks")["StackSummaries"]
    }
    assert statuses == {"shop": "CREATE_COMPLETE", "more": "ROLLBACK_COMPLETE"}


def test_unsupported_changes_are_all_named_before_any_change(cloud: OfflineCloud, deploy: Deploy) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}}
    deploy({"K": key, "Q": queue(SqsManagedSseEnabled=True), "T": table()})
    changed = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}, "Description": "d"}}
    with pytest.raises(UnsupportedChange) as caught:
        deploy({"K": changed, "Q": queue(SqsManagedSseEnabled=False)})
    assert caught.value.findings == (
        "shop/K (AWS::KMS::Key): a change of Description is not supported",
        "shop/Q (AWS::SQS::Queue): a change of SqsManagedSseEnabled is not supported",
    )
    assert only_table(cloud)
    with pytest.raises(UnsupportedChange, match=r"shop/K \(AWS::KMS::Key\): its deletion is not supported"):
        deploy({"Q": queue(SqsManagedSseEnabled=True)})
    with pytest.raises(UnsupportedResource):
        deploy({"X": {"Type": "AWS::EC2::Instance"}})
    with pytest.raises(TemplateError, match=r"modifies resource type of the following resources: \[Q\]"):
        deploy({"K": key, "Q": table()})


def function(**properties: Any) -> Resources:
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")},
    }
    settings = {
        "Code": {"ZipFile": "def handle(event, context):\n    return 1\n"},
        "Handler": "index.handle",
        "Runtime": "python3.13",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "FunctionName": "f",
    }
    return {"Role": role, "F": {"Type": "AWS::Lambda::Function", "Properties": {**settings, **properties}}}


def test_function_runs_its_new_code_and_settings(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(function())
    assert cloud.invoke("f", {}).payload == 1
    source = "import os\ndef handle(event, context):\n    return os.environ['STAGE']\n"
    deploy(function(Code={"ZipFile": source}, Environment={"Variables": {"STAGE": "two"}}, Timeout=9))
    assert cloud.invoke("f", {}).payload == "two"
    assert cloud.client("lambda").get_function_configuration(FunctionName="f")["Timeout"] == 9


def mapped(batch: int, **more: Any) -> Resources:
    policy = {
        "Type": "AWS::IAM::Policy",
        "Properties": {
            "PolicyName": "poll",
            "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
            },
        },
    }
    properties = {
        "EventSourceArn": {"Fn::GetAtt": ["T", "StreamArn"]},
        "FunctionName": {"Ref": "F"},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": batch,
    }
    mapping = {"Type": "AWS::Lambda::EventSourceMapping", "Properties": properties, "DependsOn": "P"}
    stream = table(StreamSpecification={"StreamViewType": "NEW_IMAGE"})
    return {**function(**more), "P": policy, "T": stream, "M": mapping}


def test_mapping_keeps_its_position_in_a_stream(cloud: OfflineCloud, deploy: Deploy) -> None:
    source = "def handle(event, context):\n    print(len(event['Records']))\n"
    deploy(mapped(1, Code={"ZipFile": source}))
    put(cloud, only_table(cloud))
    cloud.settle()
    deploy(mapped(5, Code={"ZipFile": source}))
    cloud.settle()
    assert cloud.logs("f") == ["1"]
    (mapping,) = cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert (mapping["BatchSize"], mapping["State"]) == (5, "Enabled")
    deploy({})
    assert cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"] == []
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("iam").list_roles()["Roles"] == []


def test_bucket_with_objects_is_left_behind(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}}})
    cloud.client("s3").put_object(Bucket="files", Key="k", Body=b"x")
    (change,) = deploy({})
    assert change.startswith("shop/B (AWS::S3::Bucket) files could not be deleted: ")
    assert show(cloud, "DescribeStacks")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"


def test_export_in_use_cannot_be_deleted(cloud: OfflineCloud, write_assembly: Callable[..., Path]) -> None:
    exported = {"Url": {"Value": {"Ref": "Q"}, "Export": {"Name": "jobs"}}}
    reading = {"Resources": {"Name": parameter({"Fn::ImportValue": "jobs"})}}
    first = {"Resources": {"Q": queue()}, "Outputs": exported}
    order = {"second": ["first"]}
    cloud.deploy(write_assembly({"first": first, "second": reading}, dependencies=order))
    without = {"Resources": {"Q": queue()}}
    with pytest.raises(StackUpdateError, match="Export jobs cannot be deleted as it is in use by second"):
        cloud.deploy(write_assembly({"first": without, "second": reading}, dependencies=order))
    assert show(cloud, "ListExports")["Exports"][0]["Name"] == "jobs"


def test_outputs_and_events_follow_the_update(cloud: OfflineCloud, deploy: Deploy) -> None:
    output = {"Url": {"Value": {"Ref": "Q"}}}
    deploy({"Q": queue()}, output)
    deploy({"Q": queue(), "R": queue(QueueName="r")}, {"Url": {"Value": {"Ref": "R"}}})
    assert cloud.outputs["Url"].endswith("/r")
    (stack,) = show(cloud, "DescribeStacks")["Stacks"]
    assert stack["StackStatus"] == "UPDATE_COMPLETE"
    assert stack["LastUpdatedTime"] >= stack["CreationTime"]
    filtered = {"StackStatusFilter.member.1": "UPDATE_COMPLETE"}
    assert len(show(cloud, "ListStacks", **filtered)["StackSummaries"]) == 1
    events = show(cloud, "DescribeStackEvents", StackName="shop")["StackEvents"]
    assert [(event["LogicalResourceId"], event["ResourceStatus"]) for event in events] == [
        ("shop", "UPDATE_COMPLETE"),
        ("shop", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"),
        ("R", "CREATE_COMPLETE"),
        ("shop", "UPDATE_IN_PROGRESS"),
        ("shop", "CREATE_COMPLETE"),
        ("Q", "CREATE_COMPLETE"),
        ("shop", "CREATE_IN_PROGRESS"),
    ]
