"""AwsCustomResources of the CDK: the offline cloud makes their calls itself."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from changed_stack import Resources, function
from small_world import arn, policy

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import StackUpdateError

BUCKET = "cdk-assets-${AWS::AccountId}-${AWS::Region}"
Deploy = Callable[..., tuple[str, ...]]


def call(service: str, action: str, **options: Any) -> str:
    parameters = options.pop("parameters", {})
    return json.dumps({"service": service, "action": action, "parameters": parameters, **options})


def custom(kind: str = "Custom::AWS", **events: Any) -> Resources:
    provider = function(Runtime="python3.13")
    properties = {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "InstallLatestAwsSdk": False, **events}
    return {**provider, "Call": {"Type": kind, "Properties": properties}}


def value_of(value: Any) -> Resources:
    properties = {"Name": "shown", "Type": "String", "Value": value}
    return {"Shown": {"Type": "AWS::SSM::Parameter", "Properties": properties}}


def shown(cloud: OfflineCloud) -> str:
    return str(cloud.client("ssm").get_parameter(Name="shown")["Parameter"]["Value"])


def test_call_is_made_at_creation_change_and_deletion(cloud: OfflineCloud, deploy: Deploy) -> None:
    name = {"Name": "count"}
    put = {**name, "Type": "String", "Overwrite": True}
    deploy(
        custom(
            Create=call("SSM", "putParameter", parameters={**put, "Value": "1"}),
            Delete=call("SSM", "deleteParameter", parameters=name),
        )
    )
    parameter = cloud.client("ssm").get_parameter
    assert parameter(**name)["Parameter"]["Value"] == "1"
    deploy(
        custom(
            Create=call("SSM", "putParameter", parameters={**put, "Value": "2"}),
            Update=call("@aws-sdk/client-ssm", "PutParameterCommand", parameters={**put, "Value": "3"}),
            Delete=call("SSM", "deleteParameter", parameters=name),
        )
    )
    assert parameter(**name)["Parameter"]["Value"] == "3"
    deploy({})
    with pytest.raises(ClientError, match="ParameterNotFound"):
        parameter(**name)


def test_attributes_are_the_paths_of_the_response(cloud: OfflineCloud, deploy: Deploy) -> None:
    cloud.client("sns").create_topic(Name="known")
    listed = call("SNS", "listTopics", physicalResourceId={"responsePath": "Topics.0.TopicArn"})
    deploy({**custom(Create=listed), **value_of({"Fn::GetAtt": ["Call", "Topics.0.TopicArn"]})})
    assert shown(cloud) == arn("sns", "known")
    deploy({**custom(Create=listed), **value_of({"Ref": "Call"})})
    assert shown(cloud) == arn("sns", "known")
    limited = call("SNS", "listTopics", outputPaths=["Other"], physicalResourceId={"id": "mine"})
    with pytest.raises(StackUpdateError, match=r"Topics\.0\.TopicArn"):
        deploy(
            {
                **custom(Update=limited, Create=limited),
                **value_of({"Fn::GetAtt": ["Call", "Topics.0.TopicArn"]}),
            }
        )


def test_chosen_errors_of_a_call_are_ignored(cloud: OfflineCloud, deploy: Deploy) -> None:
    missing = {"parameters": {"Name": "none"}, "physicalResourceId": {"id": "mine"}}
    get = call("SSM", "getParameter", ignoreErrorCodesMatching="NotFound", **missing)
    deploy({**custom(Create=get), **value_of({"Ref": "Call"})})
    assert shown(cloud) == "mine"
    with pytest.raises(StackUpdateError, match="ParameterNotFound"):
        deploy(custom(Create=get, Update=call("SSM", "getParameter", **missing)))


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (call("Rekognition", "detectFaces"), "calls of Rekognition are not supported offline"),
        (call("SSM", "noSuchAction"), "SSM has no action noSuchAction"),
        (call("SSM", "getParameter"), 'Missing required parameter in input: "Name"'),
        (call("SSM", "getParameter", assumedRoleArn="arn"), "not supported offline: assumedRoleArn"),
    ],
)
def test_call_that_cannot_be_made_is_rejected(deploy: Deploy, made: str, reason: str) -> None:
    deploy({})
    with pytest.raises(StackUpdateError, match=reason):
        deploy(custom(Create=made))


def test_rule_writes_to_a_log_group_of_the_cdk(cloud: OfflineCloud, deploy: Deploy) -> None:
    group = arn("logs", "log-group:/all")
    document = policy(Principal={"Service": "events.amazonaws.com"}, Action="logs:*", Resource=f"{group}:*")
    put = call(
        "CloudWatchLogs",
        "putResourcePolicy",
        parameters={"policyName": "events", "policyDocument": document},
        physicalResourceId={"id": "events"},
    )
    rule = {"EventPattern": {"source": ["shop"]}, "Targets": [{"Id": "1", "Arn": group}]}
    deploy(
        {
            **custom("Custom::CloudwatchLogResourcePolicy", Create=put),
            "G": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/all"}},
            "R": {"Type": "AWS::Events::Rule", "Properties": rule},
        }
    )
    cloud.put_events([{"Source": "shop", "DetailType": "Sold", "Detail": "{}"}])
    cloud.settle()
    assert cloud.undelivered == []
    assert len(cloud.client("logs").filter_log_events(logGroupName="/all")["events"]) == 1


def test_log_policy_is_put_again_and_deleted(cloud: OfflineCloud, deploy: Deploy) -> None:
    def policies() -> dict[str, str]:
        listed = cloud.client("logs").describe_resource_policies()["resourcePolicies"]
        return {each["policyName"]: json.loads(each["policyDocument"])["Version"] for each in listed}

    for version in ("2008-10-17", "2012-10-17"):
        document = json.dumps({"Version": version, "Statement": []})
        properties = {"PolicyName": "p", "PolicyDocument": document}
        deploy({"P": {"Type": "AWS::Logs::ResourcePolicy", "Properties": properties}})
        assert policies() == {"p": version}
    deploy({})
    assert policies() == {}


def test_provider_may_have_any_runtime(deploy: Deploy) -> None:
    resources = custom(Create=call("SNS", "listTopics"))
    code = {"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": "code.zip"}
    for runtime in ("nodejs22.x", "nodejs24.x"):
        resources["F"]["Properties"] |= {"Runtime": runtime, "Code": code}
        deploy(resources, assets={"code": {"index.js": "exports.handle = () => 1"}})
