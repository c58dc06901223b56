"""Deploy a changed assembly again: create, update, replace and delete, with CloudFormation's effect on data.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from changed_stack import Resources, only_table, parameter, put, queue, rows, show, table

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import (
    StackUpdateError,
    TemplateError,
    UnsupportedChange,
    UnsupportedResource,
)
from pocketcloud.cloudformation.resources import RESOURCE_TYPES
from pocketcloud.cloudformation.resources.lifecycles import LIFECYCLES

Deploy = Callable[..., tuple[str, ...]]


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


def test_unsupported_changes_are_all_named_before_any_change(
    cloud: OfflineCloud, deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(LIFECYCLES, "AWS::EventSchemas::Registry")
    registry = {"Type": "AWS::EventSchemas::Registry", "Properties": {"RegistryName": "a"}}
    deploy({"K": registry, "Q": queue(SqsManagedSseEnabled=True), "T": table()})
    changed = {"Type": "AWS::EventSchemas::Registry", "Properties": {"RegistryName": "b"}}
    with pytest.raises(UnsupportedChange) as caught:
        deploy({"K": changed, "Q": queue(SqsManagedSseEnabled=False)})
    assert caught.value.findings == (
        "shop/K (AWS::EventSchemas::Registry): a change of RegistryName is not supported",
        "shop/Q (AWS::SQS::Queue): a change of SqsManagedSseEnabled is not supported",
    )
    assert only_table(cloud)
    with pytest.raises(UnsupportedChange, match=r"shop/K .* its deletion is not supported"):
        deploy({"Q": queue(SqsManagedSseEnabled=True)})
    with pytest.raises(UnsupportedResource):
        deploy({"X": {"Type": "AWS::EC2::Instance"}})
    with pytest.raises(TemplateError, match=r"modifies resource type of the following resources: \[Q\]"):
        deploy({"K": registry, "Q": table()})


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


def test_every_supported_type_can_be_deleted() -> None:
    assert RESOURCE_TYPES.keys() == LIFECYCLES.keys()
