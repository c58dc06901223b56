"""A table's provisioned units are accepted, and their scaling has no effect offline."""

from collections.abc import Callable
from typing import Any

import pytest

from pocketcloud.cloudformation.deployment import DeploymentResult
from pocketcloud.cloudformation.errors import DeployError

DeployResources = Callable[[dict[str, Any]], DeploymentResult]
TARGET = {
    "Type": "AWS::ApplicationAutoScaling::ScalableTarget",
    "Properties": {
        "MaxCapacity": 40,
        "MinCapacity": 5,
        "ResourceId": "table/books",
        "RoleARN": "arn:aws:iam::123456789012:role/any",
        "ScalableDimension": "dynamodb:table:WriteCapacityUnits",
        "ServiceNamespace": "dynamodb",
    },
}
POLICY = {
    "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "Properties": {
        "PolicyName": "busy",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "Target"},
        "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 70},
    },
}


def test_scaling_of_tables_is_reported_as_not_enforced(deploy_resources: DeployResources) -> None:
    target, policy = deploy_resources({"Target": TARGET, "Policy": POLICY}).not_enforced
    assert (
        "Target (AWS::ApplicationAutoScaling::ScalableTarget): offline a table takes every request" in target
    )
    assert "Policy (AWS::ApplicationAutoScaling::ScalingPolicy)" in policy


def test_scaling_of_anything_else_is_rejected_by_name(deploy_resources: DeployResources) -> None:
    properties: Any = TARGET["Properties"]
    service = {**TARGET, "Properties": {**properties, "ServiceNamespace": "ecs"}}
    with pytest.raises(DeployError, match="only tables are scaled offline, so dynamodb, not ecs"):
        deploy_resources({"Target": service})
