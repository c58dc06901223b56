"""What an account does when an alias moves to another version, and the offline cloud leaves to it."""

from collections.abc import Callable
from typing import Any

import pytest

from pocketcloud.cloudformation.deployment import Deployment
from pocketcloud.cloudformation.errors import UnsupportedResource

DeployResources = Callable[[dict[str, Any]], Deployment]


def test_codedeploy_is_left_to_the_account_and_said_so(deploy_resources: DeployResources) -> None:
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
    assert (
        "Application (AWS::CodeDeploy::Application): a new version is shifted to in an account" in application
    )
    assert group.endswith("and no alarm rolls it back")


@pytest.mark.parametrize(
    ("kind", "properties", "refused"),
    [
        ("AWS::CodeDeploy::DeploymentGroup", {"Ec2TagFilters": []}, "Ec2TagFilters"),
        ("AWS::CodeDeploy::DeploymentConfig", {}, "not a supported resource type"),
        ("AWS::Lambda::Alias", {"RoutingConfig": {"AdditionalVersionWeights": []}}, "RoutingConfig"),
    ],
)
def test_what_would_split_traffic_by_other_means_is_refused_by_name(
    deploy_resources: DeployResources, kind: str, properties: dict[str, Any], refused: str
) -> None:
    with pytest.raises(UnsupportedResource, match=refused):
        deploy_resources({"Part": {"Type": kind, "Properties": properties}})
