"""HTTP APIs that put events, send messages and put records without a function."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from small_world import World, arn, policy, trust

from pocketcloud import OfflineCloud
from pocketcloud.apigateway.http_api import UnsupportedHttpApiError

ROLE = "arn:aws:iam::123456789012:role/gateway"


@pytest.fixture
def cloud() -> Iterator[OfflineCloud]:
    with OfflineCloud() as cloud:
        iam = cloud.client("iam")
        document = json.dumps(trust("apigateway.amazonaws.com"))
        iam.create_role(RoleName="gateway", AssumeRolePolicyDocument=document)
        iam.put_role_policy(RoleName="gateway", PolicyName="all", PolicyDocument=policy())
        yield cloud


def serve(cloud: OfflineCloud, subtype: str, route: str = "POST /orders", **parameters: str) -> None:
    gateway = cloud.client("apigatewayv2")
    api = gateway.create_api(Name="orders", ProtocolType="HTTP")["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationSubtype=subtype,
        CredentialsArn=ROLE,
        PayloadFormatVersion="1.0",
        RequestParameters=parameters,
    )["IntegrationId"]
    gateway.create_stage(ApiId=api, StageName="$default")
    gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")


def test_event_of_the_request_reaches_its_rule(cloud: OfflineCloud) -> None:
    world = World(cloud)
    world.bus("orders")
    world.rule("all", {"source": ["shop"]}, {"Arn": world.queue("q")}, bus="orders")
    chosen = {"Detail": "$request.body.order", "DetailType": "$request.body.type", "Source": "shop"}
    serve(cloud, "EventBridge-PutEvents", EventBusName="orders", **chosen)
    reply = cloud.http("POST", "/orders", json={"type": "Sold", "order": {"id": 7}}, customer=None)
    assert (reply.status, reply.json()["FailedEntryCount"]) == (200, 0)
    cloud.settle()
    (event,) = map(json.loads, world.bodies("q"))
    assert (event["detail-type"], event["detail"]) == ("Sold", {"id": 7})


def test_message_combines_values_of_the_request(cloud: OfflineCloud) -> None:
    world = World(cloud)
    world.queue("q")
    body = (
        "${request.path.shop} ${request.querystring.q} ${request.header.X-Trace} ${context.httpMethod}"
        " ${request.querystring.none}|"
    )
    serve(
        cloud, "SQS-SendMessage", "PUT /{shop}", QueueUrl=world.url("q"), MessageBody=body, DelaySeconds="5"
    )
    reply = cloud.http("PUT", "/berlin?q=1", headers={"x-trace": "t1"}, customer=None)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/xml")
    cloud.advance(seconds=6)
    (message,) = world.messages("q")
    assert message["Body"] == "berlin 1 t1 PUT |"
    assert f"<MessageId>{message['MessageId']}</MessageId>" in reply.body


def test_record_is_put_into_the_stream(cloud: OfflineCloud) -> None:
    client = cloud.client("kinesis")
    client.create_stream(StreamName="s", ShardCount=1)
    chosen = {"Data": "$request.body.data", "PartitionKey": "$context.requestId", "StreamName": "s"}
    serve(cloud, "Kinesis-PutRecord", **chosen)
    reply = cloud.http("POST", "/orders", json={"data": "aGk="}, customer=None)
    assert reply.json()["ShardId"] == "shardId-000000000000"
    assert cloud.http("POST", "/orders", json={"data": "no base64"}, customer=None).status == 400


@pytest.mark.parametrize("body", ["{}", "no JSON", ""])
def test_request_without_a_required_value_is_bad(cloud: OfflineCloud, body: str) -> None:
    chosen = {"Detail": "$request.body.order", "DetailType": "Sold", "Source": "shop"}
    serve(cloud, "EventBridge-PutEvents", **chosen)
    assert cloud.http("POST", "/orders", body=body, customer=None).status == 400


def test_role_must_allow_the_call(cloud: OfflineCloud) -> None:
    world = World(cloud)
    world.queue("q", Policy="")
    serve(cloud, "SQS-SendMessage", QueueUrl=world.url("q"), MessageBody="$request.body")
    iam = cloud.client("iam")
    iam.put_role_policy(RoleName="gateway", PolicyName="all", PolicyDocument=policy(Effect="Deny"))
    reply = cloud.http("POST", "/orders", body="x", customer=None)
    assert (reply.status, "sqs:sendmessage" in reply.body.lower()) == (403, True)
    iam.update_assume_role_policy(
        RoleName="gateway", PolicyDocument=json.dumps(trust("lambda.amazonaws.com"))
    )
    assert cloud.http("POST", "/orders", body="x", customer=None).status == 500
    assert world.bodies("q") == []


@pytest.mark.parametrize(
    ("subtype", "parameters", "reason"),
    [
        ("StepFunctions-StartExecution", {}, "IntegrationSubtype StepFunctions-StartExecution"),
        ("SQS-SendMessage", {"Region": "us-east-1"}, "parameters Region of SQS-SendMessage"),
        ("SQS-SendMessage", {"MessageBody": "$stageVariables.x"}, "the selector stageVariables.x"),
        ("SQS-SendMessage", {"MessageBody": "a ${context.error}"}, "the selector context.error"),
    ],
)
def test_unsupported_integration_is_rejected_by_name(
    cloud: OfflineCloud, subtype: str, parameters: dict[str, Any], reason: str
) -> None:
    serve(cloud, subtype, **parameters)
    with pytest.raises(UnsupportedHttpApiError, match=reason.replace(".", r"\.")):
        cloud.http("POST", "/orders", body="x", customer=None)


def test_bus_of_another_name_is_an_error(cloud: OfflineCloud) -> None:
    chosen = {"Detail": "$request.body", "DetailType": "Sold", "Source": "shop"}
    serve(cloud, "EventBridge-PutEvents", EventBusName=arn("events", "event-bus/gone"), **chosen)
    reply = cloud.http("POST", "/orders", json={"id": 7}, customer=None)
    cloud.settle()
    assert reply.status == 200
    assert [lost.where for lost in cloud.undelivered] == ["bus/gone"]
