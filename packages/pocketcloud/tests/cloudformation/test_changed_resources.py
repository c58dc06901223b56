"""The effect of a changed resource, by type, when the assembly is deployed again."""

from collections.abc import Callable
from typing import Any

import pytest
from changed_stack import Resources, function, only_table, put, queue, show, table
from small_world import trust

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import (
    StackUpdateError,
)

Deploy = Callable[..., tuple[str, ...]]
BUCKET = "cdk-assets-${AWS::AccountId}-${AWS::Region}"


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


def http_api(path: str, **api: Any) -> Resources:
    permission = {
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": "F"},
        "Principal": "apigateway.amazonaws.com",
    }
    integration = {
        "ApiId": {"Ref": "Api"},
        "IntegrationType": "AWS_PROXY",
        "IntegrationUri": {"Fn::GetAtt": ["F", "Arn"]},
        "PayloadFormatVersion": "2.0",
    }
    route = {
        "ApiId": {"Ref": "Api"},
        "RouteKey": f"GET {path}",
        "Target": {"Fn::Sub": "integrations/${Integration}"},
    }
    parts = {
        "Api": ("Api", {"Name": "shop", "ProtocolType": "HTTP", **api}),
        "Integration": ("Integration", integration),
        "Route": ("Route", route),
        "Stage": ("Stage", {"ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}),
    }
    typed = {
        name: {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": given}
        for name, (kind, given) in parts.items()
    }
    source = "def handle(event, context):\n    return {'statusCode': 200, 'body': event['rawPath']}\n"
    allowed = {"Type": "AWS::Lambda::Permission", "Properties": permission}
    return {**function(Code={"ZipFile": source}), **typed, "Permission": allowed}


def test_function_runs_its_new_code_and_settings(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(function())
    assert cloud.invoke("f", {}).payload == 1
    source = "import os\ndef handle(event, context):\n    return os.environ['STAGE']\n"
    deploy(function(Code={"ZipFile": source}, Environment={"Variables": {"STAGE": "two"}}, Timeout=9))
    assert cloud.invoke("f", {}).payload == "two"
    assert cloud.client("lambda").get_function_configuration(FunctionName="f")["Timeout"] == 9


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


def test_http_api_serves_its_changed_route(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(http_api("/old"))
    assert cloud.http("GET", "/old", customer=None).status == 200
    assert deploy(http_api("/new")) == ("shop/Route (AWS::ApiGatewayV2::Route) was updated",)
    assert cloud.http("GET", "/new", customer=None).content == b"/new"
    assert cloud.http("GET", "/old", customer=None).status == 404
    deploy(http_api("/new", Description="d"))
    with pytest.raises(StackUpdateError, match="Description: cannot be removed in place offline"):
        deploy(http_api("/new"))


def test_schedule_takes_its_new_rate(cloud: OfflineCloud, deploy: Deploy) -> None:
    role = {
        "Type": "AWS::IAM::Role",
        "Properties": {"AssumeRolePolicyDocument": trust("scheduler.amazonaws.com")},
    }

    def every(rate: str) -> Resources:
        target = {"Arn": {"Fn::GetAtt": ["Q", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}}
        given = {"ScheduleExpression": rate, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target}
        schedule = {"Type": "AWS::Scheduler::Schedule", "Properties": {"Name": "s", **given}}
        return {"Q": queue(), "Role": role, "S": schedule}

    deploy(every("rate(1 hour)"))
    deploy(every("rate(2 hours)"))
    scheduler = cloud.client("scheduler")
    assert scheduler.get_schedule(Name="s")["ScheduleExpression"] == "rate(2 hours)"
    deploy({"Q": queue()})
    assert scheduler.list_schedules()["Schedules"] == []


def test_user_pool_and_key_are_deleted(cloud: OfflineCloud, deploy: Deploy) -> None:
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "people"}}
    reader = {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}}}

    def key(text: str) -> Resources:
        given = {"KeyPolicy": {"Statement": []}, "Description": text}
        return {"Type": "AWS::KMS::Key", "Properties": given}

    deploy({"Pool": pool, "Client": reader, "Key": key("a")})
    changes = deploy({"Key": key("b")})
    assert changes[0] == "shop/Key (AWS::KMS::Key) was updated"
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=9)["UserPools"] == []
    (listed,) = cloud.client("kms").list_keys()["Keys"]
    described = cloud.client("kms").describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
    assert (described["Description"], described["KeyState"]) == ("b", "Enabled")
    deploy({})
    described = cloud.client("kms").describe_key(KeyId=listed["KeyId"])["KeyMetadata"]
    assert described["KeyState"] == "PendingDeletion"


def test_schema_has_its_new_content(deploy: Deploy) -> None:
    def schemas(content: str) -> Resources:
        registry = {"Type": "AWS::EventSchemas::Registry", "Properties": {"RegistryName": "shop"}}
        given = {"RegistryName": "shop", "SchemaName": "s", "Type": "JSONSchemaDraft4", "Content": content}
        schema = {"Type": "AWS::EventSchemas::Schema", "Properties": given, "DependsOn": "R"}
        return {"R": registry, "S": schema}

    deploy(schemas("{}"))
    assert deploy(schemas('{"type": "object"}')) == ("shop/S (AWS::EventSchemas::Schema) was updated",)
    assert len(deploy({})) == 2
    with pytest.raises(StackUpdateError, match="Content: not JSON"):
        deploy(schemas("{"))
    assert deploy(schemas("{}"))[0] == "shop/R (AWS::EventSchemas::Registry) was created"


def test_api_destination_has_its_new_method(cloud: OfflineCloud, deploy: Deploy) -> None:
    key = {"ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}}
    login = {"Name": "login", "AuthorizationType": "API_KEY", "AuthParameters": key}

    def destination(method: str) -> Resources:
        given = {
            "Name": "shop",
            "ConnectionArn": {"Fn::GetAtt": ["Login", "Arn"]},
            "InvocationEndpoint": "https://example.com",
            "HttpMethod": method,
        }
        return {
            "Login": {"Type": "AWS::Events::Connection", "Properties": login},
            "Shop": {"Type": "AWS::Events::ApiDestination", "Properties": given},
        }

    deploy(destination("POST"))
    deploy(destination("PUT"))
    events = cloud.client("events")
    assert events.describe_api_destination(Name="shop")["HttpMethod"] == "PUT"
    deploy({})
    assert events.list_api_destinations()["ApiDestinations"] == []
    assert events.list_connections()["Connections"] == []


def test_bucket_is_emptied_before_it_is_deleted(cloud: OfflineCloud, deploy: Deploy) -> None:
    """The CDK's `auto_delete_objects`, whose own function is for Node.js."""
    provider = function(
        Code={"S3Bucket": {"Fn::Sub": BUCKET}, "S3Key": "node.zip"},
        Handler="index.handler",
        Runtime={"Fn::FindInMap": ["Runtimes", {"Ref": "AWS::Region"}, "value"]},
    )
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "files"}}
    token = {"ServiceToken": {"Fn::GetAtt": ["F", "Arn"]}, "BucketName": {"Ref": "B"}}
    emptying = {"Type": "Custom::S3AutoDeleteObjects", "Properties": token}
    assets = {"node": {"index.js": "exports.handler = () => {}"}}
    more = {"mappings": {"Runtimes": {"eu-west-1": {"value": "nodejs24.x"}}}, "assets": assets}
    deploy({**provider, "B": bucket, "E": emptying}, **more)
    for key in ("a", "b"):
        cloud.client("s3").put_object(Bucket="files", Key=key, Body=b"x")
    changes = deploy({}, **more)
    assert all(change.endswith("was deleted") for change in changes)
    left = [each["Name"] for each in cloud.client("s3").list_buckets()["Buckets"]]
    assert "files" not in left


def test_logs_have_the_retention_of_the_cdks_custom_resource(cloud: OfflineCloud, deploy: Deploy) -> None:
    def retained(**properties: object) -> dict[str, object]:
        own = {"LogGroupName": "/aws/lambda/f", "ServiceToken": "arn:aws:lambda:eu-west-1:1:function:p"}
        return {"L": {"Type": "Custom::LogRetention", "Properties": {**own, **properties}}}

    def days() -> object:
        (group,) = cloud.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/f")["logGroups"]
        return group.get("retentionInDays")

    deploy(retained(RetentionInDays=7))
    assert days() == 7
    deploy(retained(RetentionInDays="14"))
    assert days() == 14
    deploy(retained())
    assert days() is None
    deploy({})
    assert days() is None


def piped(**more: Any) -> Resources:
    """Return a pipe from queue to queue with these properties, and a function that could enrich it."""
    parts = function()
    parts["Role"]["Properties"]["AssumeRolePolicyDocument"] = trust("pipes.amazonaws.com")
    arns = {name: {"Fn::GetAtt": [name, "Arn"]} for name in ("In", "Out", "Role")}
    given = {"Name": "p", "Source": arns["In"], "Target": arns["Out"], "RoleArn": arns["Role"], **more}
    pipe = {"Type": "AWS::Pipes::Pipe", "Properties": given}
    return {**parts, "In": queue(), "Out": queue(), "Pipe": pipe}


def test_pipe_loses_its_enrichment_and_template(cloud: OfflineCloud, deploy: Deploy) -> None:
    enriching = {"Enrichment": {"Fn::GetAtt": ["F", "Arn"]}}
    deploy(piped(**enriching, TargetParameters={"InputTemplate": "<$.id>"}))
    described = cloud.client("pipes").describe_pipe(Name="p")
    assert described["Enrichment"].endswith(":function:f")
    assert described["TargetParameters"] == {"InputTemplate": "<$.id>"}
    assert deploy(piped()) == ("shop/Pipe (AWS::Pipes::Pipe) was updated",)
    described = cloud.client("pipes").describe_pipe(Name="p")
    assert not described.get("Enrichment")
    assert not described.get("TargetParameters")
