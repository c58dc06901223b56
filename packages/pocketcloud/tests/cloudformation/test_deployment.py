"""Deploy small assemblies."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from small_world import trust

from pocketcloud.cloudformation.deployment import DeploymentResult, deploy
from pocketcloud.cloudformation.errors import AssemblyError, ResourceError, TemplateError, UnsupportedResource
from pocketcloud.cloudformation.resources.assets import zip_folder

WriteAssembly = Callable[..., Path]
DeployResources = Callable[[dict[str, Any]], DeploymentResult]

BUCKET = {"Fn::Sub": "cdk-assets-${AWS::AccountId}-${AWS::Region}"}
ROLE: dict[str, Any] = {
    "Type": "AWS::IAM::Role",
    "Properties": {"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")},
}
FUNCTION: dict[str, Any] = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "jobs",
        "Code": {"S3Bucket": BUCKET, "S3Key": "code.zip"},
        "Handler": "app.handler.handle",
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Timeout": 30,
        "MemorySize": 256,
        "Environment": {"Variables": {"STAGE": "dev"}},
    },
}


def test_unsupported_resources_are_all_named_before_any_creation(
    write_assembly: WriteAssembly, session: boto3.Session
) -> None:
    queue = {"Type": "AWS::SQS::Queue"}
    folder = write_assembly(
        {
            "first": {"Resources": {"Q": queue, "Typo": {"Type": "AWS::SQS::Queueeee"}}},
            "second": {"Resources": {"R": {**queue, "Properties": {"Colour": 1, "QueueName": "r"}}}},
        }
    )
    with pytest.raises(UnsupportedResource) as caught:
        deploy(folder, session)
    assert caught.value.findings == (
        "first/Typo: AWS::SQS::Queueeee is not a supported resource type",
        "second/R: AWS::SQS::Queue does not support the properties Colour",
    )
    assert "cdk synth -c offline=true" in str(caught.value)
    assert "QueueUrls" not in session.client("sqs").list_queues()


@pytest.mark.parametrize("kind", ["AWS::StepFunctions::Activity", "AWS::EC2::Instance"])
def test_unsupported_type_is_named_with_its_construct(deploy_resources: DeployResources, kind: str) -> None:
    part = {"Type": kind, "Properties": {}, "Metadata": {"aws:cdk:path": "Shop/Flow/Resource"}}
    with pytest.raises(UnsupportedResource, match=r"shop/Flow \(construct Shop/Flow/Resource\): " + kind):
        deploy_resources({"Flow": part})


def test_botocore_error_names_stack_and_logical_id(deploy_resources: DeployResources) -> None:
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": 5}}
    with pytest.raises(ResourceError, match=r"(?s)shop/Bus \(AWS::Events::EventBus\): .*parameter Name"):
        deploy_resources({"Bus": bus})


def test_service_error_names_stack_and_logical_id(
    deploy_resources: DeployResources,
) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "no spaces"}}
    with pytest.raises(ResourceError, match=r"shop/Q \(AWS::SQS::Queue\): .*InvalidParameterValue"):
        deploy_resources({"Q": queue})


def test_missing_property_is_named(deploy_resources: DeployResources) -> None:
    with pytest.raises(ResourceError, match=r"shop/S .*: RegistryName is missing"):
        deploy_resources({"S": {"Type": "AWS::EventSchemas::Schema"}})


def test_missing_nested_property_is_named(deploy_resources: DeployResources) -> None:
    function = {**FUNCTION, "Properties": {**FUNCTION["Properties"], "Code": {"S3Key": "code.zip"}}}
    with pytest.raises(ResourceError, match=r"shop/Function .*: S3Bucket is missing"):
        deploy_resources({"Role": ROLE, "Function": function})


def test_internal_error_is_not_reported_as_a_template_error(
    deploy_resources: DeployResources, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("Attributes")

    monkeypatch.setattr("moto.sqs.models.SQSBackend.create_queue", broken)
    with pytest.raises(KeyError) as caught:
        deploy_resources({"Q": {"Type": "AWS::SQS::Queue"}})
    assert caught.value.__notes__ == ["while creating shop/Q (AWS::SQS::Queue)"]


def test_unknown_attribute_is_named_with_its_place(deploy_resources: DeployResources) -> None:
    queue = {"Type": "AWS::SQS::Queue"}
    other = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["Q", "Colour"]}}}
    with pytest.raises(TemplateError, match=r"shop/R\.QueueName: 'Q' has no attribute 'Colour'"):
        deploy_resources({"Q": queue, "R": other})


def test_stack_for_another_account_is_rejected(write_assembly: WriteAssembly, session: boto3.Session) -> None:
    folder = write_assembly({"shop": {"Resources": {}}}, environment="aws://999999999999/eu-west-1")
    with pytest.raises(AssemblyError, match=r"shop: synthesized for 999999999999/eu-west-1"):
        deploy(folder, session)


def test_function_has_the_declared_bundle_and_settings(
    deploy_resources: DeployResources, session: boto3.Session
) -> None:
    deploy_resources({"Role": ROLE, "Function": FUNCTION})
    settings = session.client("lambda").get_function_configuration(FunctionName="jobs")
    assert settings["Handler"] == "app.handler.handle"
    assert (settings["Timeout"], settings["MemorySize"]) == (30, 256)
    assert settings["Environment"]["Variables"] == {"STAGE": "dev"}
    bundle = session.client("s3").get_object(Bucket="cdk-assets-123456789012-eu-west-1", Key="code.zip")
    assert zipfile.ZipFile(io.BytesIO(bundle["Body"].read())).namelist() == ["app/handler.py"]
    assert settings["CodeSize"] == bundle["ContentLength"]


def test_handler_is_rejected_when_not_in_the_bundle(deploy_resources: DeployResources) -> None:
    function = {**FUNCTION, "Properties": {**FUNCTION["Properties"], "Handler": "app.gone.handle"}}
    with pytest.raises(ResourceError, match=r"shop/Function .*no file for 'app\.gone\.handle' in the bundle"):
        deploy_resources({"Role": ROLE, "Function": function})


def test_code_is_rejected_when_not_in_the_assembly(deploy_resources: DeployResources) -> None:
    code = {"S3Bucket": BUCKET, "S3Key": "gone.zip"}
    function = {**FUNCTION, "Properties": {**FUNCTION["Properties"], "Code": code}}
    with pytest.raises(ResourceError, match=r"no asset for s3://cdk-assets-.*/gone\.zip"):
        deploy_resources({"Role": ROLE, "Function": function})


def test_equal_folders_give_equal_zip_files(tmp_path: Path) -> None:
    names = [f"{number * 7 % 30:02}.py" for number in range(30)]
    for folder, order in (("one", names), ("two", names[::-1])):
        (tmp_path / folder / "__pycache__").mkdir(parents=True)
        (tmp_path / folder / "__pycache__" / "a.pyc").write_text(folder)
        for name in order:
            (tmp_path / folder / name).write_text(name)
    one, two = zip_folder(tmp_path / "one"), zip_folder(tmp_path / "two")
    assert one == two
    assert zipfile.ZipFile(io.BytesIO(one)).namelist() == sorted(names)


def test_every_bus_policy_adds_its_statement(
    deploy_resources: DeployResources, session: boto3.Session
) -> None:
    def a_policy(name: str) -> dict[str, Any]:
        statement = {"Effect": "Deny", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}
        properties = {"EventBusName": {"Ref": "Bus"}, "StatementId": name, "Statement": statement}
        return {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}

    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
    deploy_resources({"Bus": bus, "First": a_policy("first"), "Second": a_policy("second")})
    policy = json.loads(session.client("events").describe_event_bus(Name="orders")["Policy"])
    assert [statement["Sid"] for statement in policy["Statement"]] == ["first", "second"]


def test_output_name_is_unqualified_only_when_unique(
    write_assembly: WriteAssembly, session: boto3.Session
) -> None:
    def with_outputs(**outputs: str) -> dict[str, Any]:
        return {"Resources": {}, "Outputs": {name: {"Value": value} for name, value in outputs.items()}}

    folder = write_assembly({"a": with_outputs(Url="1", Only="2"), "b": with_outputs(Url="3")})
    assert deploy(folder, session).outputs == {"a.Url": "1", "a.Only": "2", "b.Url": "3", "Only": "2"}


@pytest.mark.parametrize(
    "imported",
    [{"Fn::ImportValue": "bus"}, {"Fn::GetStackOutput": {"StackName": "platform", "OutputName": "Bus"}}],
)
def test_stack_imports_the_export_of_another_stack(
    write_assembly: WriteAssembly, session: boto3.Session, imported: object
) -> None:
    bus = {"Type": "AWS::Events::EventBus", "Properties": {"Name": "orders"}}
    output = {"Value": {"Ref": "B"}, "Export": {"Name": "bus"}}
    properties = {"EventBusName": imported, "EventPattern": {"source": ["orders"]}, "Name": "all"}
    rule = {"Type": "AWS::Events::Rule", "Properties": properties}
    folder = write_assembly(
        {
            "shop": {"Resources": {"R": rule}},
            "platform": {"Resources": {"B": bus}, "Outputs": {"Bus": output}},
        },
        dependencies={"shop": ["platform"]},
    )
    assert deploy(folder, session).resources["shop"]["R"].physical_id == "orders|all"


def test_duplicate_export_is_rejected(write_assembly: WriteAssembly, session: boto3.Session) -> None:
    stack = {"Resources": {}, "Outputs": {"Out": {"Value": "x", "Export": {"Name": "bus"}}}}
    with pytest.raises(TemplateError, match=r"b/Outputs\.Out: another output is already exported as 'bus'"):
        deploy(write_assembly({"a": stack, "b": stack}), session)


def test_deployment_reports_each_resource(deploy_resources: DeployResources) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}}
    deployed = deploy_resources({"Q": queue}).resources["shop"]["Q"]
    assert (deployed.type, deployed.properties) == ("AWS::SQS::Queue", {"QueueName": "jobs"})
    assert deployed.physical_id.endswith("/123456789012/jobs")


def test_generated_name_is_the_same_in_every_deployment(
    write_assembly: WriteAssembly, session: boto3.Session
) -> None:
    folder = write_assembly({"shop": {"Resources": {"Jobs": {"Type": "AWS::SNS::Topic"}}}})
    first, second = (deploy(folder, session).resources["shop"]["Jobs"].physical_id for _ in range(2))
    assert first == second
    assert ":shop-Jobs-" in first


def test_role_gets_the_document_of_an_aws_managed_policy(
    deploy_resources: DeployResources, session: boto3.Session
) -> None:
    managed = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}
    role = {**ROLE, "Properties": {**ROLE["Properties"], "ManagedPolicyArns": [managed]}}
    name = deploy_resources({"Role": role}).resources["shop"]["Role"].physical_id
    granted = session.client("iam").get_role_policy(RoleName=name, PolicyName="AWSLambdaBasicExecutionRole")
    assert "logs:PutLogEvents" in granted["PolicyDocument"]["Statement"][0]["Action"]


def test_unknown_aws_managed_policy_is_rejected(
    deploy_resources: DeployResources,
) -> None:
    role = {**ROLE, "Properties": {**ROLE["Properties"], "ManagedPolicyArns": ["arn:aws:iam::aws:policy/No"]}}
    with pytest.raises(ResourceError, match="arn:aws:iam::aws:policy/No does not exist"):
        deploy_resources({"Role": role})


def test_deployment_reports_what_is_not_enforced(deploy_resources: DeployResources) -> None:
    key = {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": []}}}
    (checked,) = deploy_resources({"Key": key}).not_enforced
    expected = "keys of log groups, archives and functions; a key's state and its grants"
    assert checked == f"shop/Key (AWS::KMS::Key): {expected}"


def test_policy_is_rejected_when_it_cannot_be_evaluated(deploy_resources: DeployResources) -> None:
    strange = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringIs": {"aws:a": "b"}}}
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": [strange]}}
    role = {**ROLE, "Properties": {**ROLE["Properties"], "Policies": [policy]}}
    with pytest.raises(ResourceError, match="the condition operator StringIs is not evaluated"):
        deploy_resources({"Role": role})


def test_email_is_sent_only_from_a_deployed_identity(
    deploy_resources: DeployResources, session: boto3.Session
) -> None:
    sender = {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": "shop@example.org"}}
    deploy_resources({"Sender": sender})
    ses = session.client("sesv2")
    mail: dict[str, Any] = {
        "Destination": {"ToAddresses": ["a@example.org"]},
        "Content": {"Simple": {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}},
    }
    assert ses.send_email(FromEmailAddress="shop@example.org", **mail)["MessageId"]
    with pytest.raises(ClientError, match="not verified"):
        ses.send_email(FromEmailAddress="other@example.org", **mail)


@pytest.mark.parametrize("identity", ["shop@example.org", "example.org"])
def test_email_is_sent_through_ses_version_1(
    deploy_resources: DeployResources, session: boto3.Session, identity: str
) -> None:
    deploy_resources(
        {"Sender": {"Type": "AWS::SES::EmailIdentity", "Properties": {"EmailIdentity": identity}}}
    )
    sent = session.client("ses").send_email(
        Source="shop@example.org",
        Destination={"ToAddresses": ["a@example.org"]},
        Message={"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}},
    )
    assert sent["MessageId"]
