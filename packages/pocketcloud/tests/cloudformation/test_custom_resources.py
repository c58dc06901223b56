"""Custom resources: functions that CloudFormation invokes, directly or through the CDK's framework."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from changed_stack import Resources, function
from small_world import policy

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import ResourceError, StackUpdateError, UnsupportedResource

BUCKET = "cdk-assets-${AWS::AccountId}-${AWS::Region}"
Deploy = Callable[..., tuple[str, ...]]
REPORTING = """
import cfnresponse, json
def handle(event, context):
    print(json.dumps(event))
    wanted = event["ResourceProperties"]
    status = cfnresponse.FAILED if wanted.get("Broken") == "true" else cfnresponse.SUCCESS
    data = {"Made": f"{event['RequestType']} {wanted.get('Size')}"}
    cfnresponse.send(event, context, status, data, wanted.get("Id"), reason="no space left")
"""
HANDLING = """
import json
def handle(event, context):
    print(json.dumps(event))
    if event["ResourceProperties"].get("Broken") == "true":
        raise ValueError("no space left")
    return {"Data": {"Made": event["RequestType"]}} if event["RequestType"] != "Delete" else None
"""


def logging(source: str) -> Resources:
    resources = function(Code={"ZipFile": source})
    everything = {"PolicyName": "all", "PolicyDocument": json.loads(policy())}
    resources["Role"]["Properties"]["Policies"] = [everything]
    return resources


def custom(source: str = REPORTING, **properties: Any) -> Resources:
    resource = {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, **properties}
    made = {
        "Name": "made",
        "Type": "String",
        "Value": {"Fn::Join": [" ", [{"Ref": "Disk"}, {"Fn::GetAtt": ["Disk", "Made"]}]]},
    }
    return {
        **logging(source),
        "Disk": {"Type": "Custom::Disk", "Properties": resource},
        "Made": {"Type": "AWS::SSM::Parameter", "Properties": made},
    }


def framework(**properties: Any) -> Resources:
    """Return a resource behind the CDK's provider framework, which runs on Node.js."""
    resources = custom(HANDLING, **properties)
    provider = {
        **resources["F"]["Properties"],
        "FunctionName": "framework",
        "Runtime": "nodejs24.x",
        "Code": {"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": "framework.zip"},
        "Environment": {"Variables": {"USER_ON_EVENT_FUNCTION_ARN": {"Fn::GetAtt": ["F", "Arn"]}}},
    }
    resources["Framework"] = {"Type": "AWS::Lambda::Function", "Properties": provider}
    resources["Disk"]["Properties"]["ServiceToken"] = {"Fn::GetAtt": ["Framework", "Arn"]}
    return resources


FRAMEWORK = {"assets": {"framework": {"framework.js": ""}}}


def made(cloud: OfflineCloud) -> str:
    return str(cloud.client("ssm").get_parameter(Name="made")["Parameter"]["Value"])


def requests(cloud: OfflineCloud) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cloud.logs("f") if line.startswith("{")]


def test_function_reports_the_resource_it_made(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(custom(Id="d1", Size=5, Mounts=[{"Path": "/", "ReadOnly": False}]))
    assert made(cloud) == "d1 Create 5"
    (request,) = requests(cloud)
    assert request.pop("RequestId")
    assert request.pop("ResponseURL").startswith("http://127.0.0.1:")
    assert request.pop("StackId").startswith("arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/")
    assert request == {
        "RequestType": "Create",
        "ResourceType": "Custom::Disk",
        "LogicalResourceId": "Disk",
        "ResourceProperties": {
            "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:f",
            "Id": "d1",
            "Size": "5",
            "Mounts": [{"Path": "/", "ReadOnly": "false"}],
        },
    }


def test_function_changes_replaces_and_deletes_it(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(custom(Id="d1", Size=5))
    deploy(custom(Id="d1", Size=6))
    deploy(custom(Id="d2", Size=6))
    assert made(cloud) == "d2 Update 6"
    deploy(logging(REPORTING))
    shown = [(each["RequestType"], each.get("PhysicalResourceId")) for each in requests(cloud)]
    assert shown == [
        ("Create", None),
        ("Update", "d1"),
        ("Update", "d1"),
        ("Delete", "d1"),
        ("Delete", "d2"),
    ]
    assert requests(cloud)[1]["OldResourceProperties"]["Size"] == "5"


def test_reported_failure_stops_the_deployment(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy({})
    with pytest.raises(StackUpdateError, match=r"shop/Disk .*: .* a failure: no space left"):
        deploy(custom(Broken=True))
    assert cloud.client("lambda").list_functions()["Functions"] == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def handle(event, context): pass", "has sent no response"),
        ("def handle(event, context): raise KeyError('x')", "the function failed: KeyError: 'x'"),
    ],
)
def test_function_must_respond(deploy: Deploy, source: str, reason: str) -> None:
    with pytest.raises(ResourceError, match=reason):
        deploy(custom(source))


def test_handler_of_the_framework_is_invoked(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(framework(Size=5), **FRAMEWORK)
    created = requests(cloud)[0]
    assert made(cloud) == f"{created['RequestId']} Create"
    assert "ResponseURL" not in created
    deploy(framework(Size=6), **FRAMEWORK)
    assert made(cloud) == f"{created['RequestId']} Update"
    with pytest.raises(StackUpdateError, match="the function failed: ValueError: no space left"):
        deploy(framework(Size=7, Broken=True), **FRAMEWORK)
    deploy({})
    assert requests(cloud)[-1]["RequestType"] == "Delete"


def test_function_of_another_runtime_is_rejected_first(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = custom()
    resources["F"]["Properties"]["Runtime"] = "nodejs24.x"
    with pytest.raises(UnsupportedResource, match=r"Disk: .* runs on nodejs24\.x; offline, only"):
        deploy(resources)
    resources["Disk"]["Properties"]["ServiceToken"] = "arn:aws:sns:eu-west-1:123456789012:t"
    with pytest.raises(ResourceError, match="only functions are supported offline"):
        deploy({**resources, "F": function()["F"]})
    assert cloud.logs("f") == []


def test_trigger_invokes_its_function(cloud: OfflineCloud, deploy: Deploy) -> None:
    def triggered(source: str) -> Resources:
        properties = {"HandlerArn": {"Fn::GetAtt": ["F", "Arn"]}, "ServiceToken": "t", "Timeout": "120000"}
        trigger = {"Type": "Custom::Trigger", "Properties": properties}
        return {**logging(source), "T": trigger}

    deploy(triggered("def handle(event, context): print('ran')"))
    assert cloud.logs("f") == ["ran"]
    deploy({})
    with pytest.raises(StackUpdateError, match="the function failed: OSError: down"):
        deploy(triggered("def handle(event, context): raise OSError('down')"))


def test_secret_is_generated_once(cloud: OfflineCloud, deploy: Deploy) -> None:
    def secret(**options: Any) -> str:
        properties = {"Name": "s", "GenerateSecretString": options}
        deploy({"S": {"Type": "AWS::SecretsManager::Secret", "Properties": properties, "Metadata": {}}})
        return str(cloud.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"])

    first = secret(PasswordLength=20, ExcludePunctuation=True)
    assert (len(first), first.isalnum()) == (20, True)
    again = secret(PasswordLength=20, ExcludePunctuation=True)
    assert again == first
    other = json.loads(secret(SecretStringTemplate='{"user": "shop"}', GenerateStringKey="password"))
    assert (other["user"], len(other["password"])) == ("shop", 32)
    with pytest.raises(StackUpdateError, match="need each other"):
        secret(GenerateStringKey="password")


def test_role_of_aws_may_have_unevaluated_conditions(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = function()
    limited = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"
    resources["Role"]["Properties"]["ManagedPolicyArns"] = [limited]
    deploy(resources)
    (name,) = cloud.client("iam").list_role_policies(RoleName=_only_role(cloud))["PolicyNames"]
    attached = cloud.client("iam").get_role_policy(RoleName=_only_role(cloud), PolicyName=name)
    actions = [each["Action"] for each in attached["PolicyDocument"]["Statement"]]
    assert any("codedeploy" in str(each) or "cloudwatch" in str(each) for each in actions)


def _only_role(cloud: OfflineCloud) -> str:
    (role,) = cloud.client("iam").list_roles()["Roles"]
    return str(role["RoleName"])
