"""Resources that shift traffic between versions have no effect offline."""

from collections.abc import Callable
from typing import Any

import pytest

from pocketcloud.cloudformation.deployment import DeploymentResult
from pocketcloud.cloudformation.errors import UnsupportedResource

DeployResources = Callable[[dict[str, Any]], DeploymentResult]


def test_codedeploy_is_ignored_and_reported_as_not_enforced(deploy_resources: DeployResources) -> None:
    deployment = deploy_resources(
        {
            "Application": {
                "Type": "AWS::CodeDeploy::Application",
                "Properties": {"ApplicationName": "teller", "ComputePlatform": "Lambda"},
            },
            "Group": {
                "Type": "AWS::CodeDeploy::DeploymentGroup",
                "Properties": {
                    "ApplicationName": {"Ref": "Application"},
                    "DeploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
                    "ServiceRoleArn": "arn:aws:iam::123456789012:role/any",
                },
            },
        }
    )
    application, group = deployment.not_enforced
    assert "Application (AWS::CodeDeploy::Application): offline there are no deployments" in application
    assert group.endswith("no traffic to shift or to roll back")


@pytest.mark.parametrize(
    ("kind", "properties", "problem"),
    [
        ("AWS::CodeDeploy::DeploymentGroup", {"Ec2TagFilters": []}, "Ec2TagFilters"),
        ("AWS::CodeDeploy::DeploymentConfig", {}, "not a supported resource type"),
    ],
)
def test_traffic_splitting_is_rejected_by_name(
    deploy_resources: DeployResources, kind: str, properties: dict[str, Any], problem: str
) -> None:
    with pytest.raises(UnsupportedResource, match=problem):
        deploy_resources({"Part": {"Type": kind, "Properties": properties}})
