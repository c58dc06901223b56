"""API destinations and connections.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World, cloud_event, entry, policy

BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "secret"}}
OAUTH = {
    "OAuthParameters": {
        "AuthorizationEndpoint": "https://example.com/oauth",
        "ClientParameters": {"ClientID": "id", "ClientSecret": "secret"},
        "HttpMethod": "POST",
    }
}
KINDS: dict[str, dict[str, Any]] = {"BASIC": BASIC, "API_KEY": KEY, "OAUTH_CLIENT_CREDENTIALS": OAUTH}


def connect(world: World, kind: str = "BASIC", **more: Any) -> str:
    created = world.cloud.client("events").create_connection(
        Name="partner", AuthorizationType=kind, AuthParameters={**KINDS[kind], **more}
    )
    return str(created["ConnectionArn"])


def destination(world: World, connection: str, endpoint: str = "https://example.com/orders") -> str:
    created = world.cloud.client("events").create_api_destination(
        Name="orders", ConnectionArn=connection, HttpMethod="POST", InvocationEndpoint=endpoint
    )
    return str(created["ApiDestinationArn"])


def deliver(world: World, arn: str, **target: Any) -> None:
    world.rule("all", {"source": ["orders"]}, {"Arn": arn, "RoleArn": world.role(), **target})
    world.cloud.put_events([entry()])
    world.cloud.settle()


@pytest.mark.parametrize(
    ("kind", "header"),
    [
        ("BASIC", ("Authorization", "Basic dXNlcjpwYXNz")),
        ("API_KEY", ("X-Key", "secret")),
        ("OAUTH_CLIENT_CREDENTIALS", ("Authorization", "Bearer offline-id")),
    ],
)
def test_request_is_authorized_by_its_connection(world: World, kind: str, header: tuple[str, str]) -> None:
    deliver(world, destination(world, connect(world, kind)), InputPath="$.detail")
    (request,) = world.cloud.api_destinations.requests
    assert (request.destination, request.method, request.url) == (
        "orders",
        "POST",
        "https://example.com/orders",
    )
    assert json.loads(request.body) == cloud_event()
    assert header in request.headers.items()
    assert request.headers["User-Agent"] == "Amazon/EventBridge/ApiDestinations"


def test_parameters_of_target_and_connection_are_merged(world: World) -> None:
    def pairs(**values: str) -> list[dict[str, str]]:
        return [{"Key": key, "Value": value} for key, value in values.items()]

    invocation = {
        "HeaderParameters": pairs(a="connection"),
        "QueryStringParameters": pairs(q="1"),
        "BodyParameters": pairs(extra="x"),
    }
    arn = destination(
        world, connect(world, InvocationHttpParameters=invocation), "https://example.com/*/items/*"
    )
    given = {
        "PathParameterValues": ["a b", "7"],
        "HeaderParameters": {"a": "target", "b": "target"},
        "QueryStringParameters": {"p": "2"},
    }
    deliver(world, arn, HttpParameters=given, Input='{"n":1}')
    (request,) = world.cloud.api_destinations.requests
    assert request.url == "https://example.com/a%20b/items/7?p=2&q=1"
    assert (request.headers["a"], request.headers["b"]) == ("connection", "target")
    assert json.loads(request.body) == {"n": 1, "extra": "x"}


def test_target_parameters_take_values_of_the_event(world: World) -> None:
    given = {
        "PathParameterValues": ["$.detail.subject"],
        "HeaderParameters": {"ce-type": "$.detail-type", "content-type": "application/cloudevents+json"},
    }
    deliver(world, destination(world, connect(world), "https://example.com/*/messages"), HttpParameters=given)
    (request,) = world.cloud.api_destinations.requests
    assert (request.url, request.headers["ce-type"]) == ("https://example.com/o1/messages", "OrderCreated")
    types = [value for name, value in request.headers.items() if name.lower() == "content-type"]
    assert types == ["application/cloudevents+json"]


def test_event_is_dead_lettered_when_parameter_has_no_value(world: World) -> None:
    deliver(
        world, destination(world, connect(world)), HttpParameters={"HeaderParameters": {"x": "$.detail.none"}}
    )
    (lost,) = world.cloud.undelivered
    assert "the event has no text or number at $.detail.none" in lost.reason
    assert world.cloud.api_destinations.requests == []


@pytest.mark.parametrize(("status", "attempts"), [(503, 3), (429, 3), (404, 1)])
def test_failed_request_is_retried_only_when_that_may_help(world: World, status: int, attempts: int) -> None:
    world.cloud.api_destinations.respond = lambda _: status
    arn = destination(world, connect(world))
    deliver(world, arn, RetryPolicy={"MaximumRetryAttempts": 2})
    assert len(world.cloud.api_destinations.requests) == attempts
    (lost,) = world.cloud.undelivered
    assert f"returned status {status}" in lost.reason


def test_role_must_allow_the_invocation(world: World) -> None:
    world.role()
    denial = policy(Effect="Deny", Action="events:InvokeApiDestination")
    world.cloud.client("iam").put_role_policy(RoleName="any", PolicyName="deny", PolicyDocument=denial)
    deliver(world, destination(world, connect(world)))
    assert world.cloud.api_destinations.requests == []
    (lost,) = world.cloud.undelivered
    assert "events:InvokeApiDestination" in lost.reason


def test_described_connection_hides_its_secret(world: World) -> None:
    connect(world)
    events = world.cloud.client("events")
    assert events.describe_connection(Name="partner")["AuthParameters"] == {
        "BasicAuthParameters": {"Username": "user"}
    }


def test_missing_destination_is_named(world: World) -> None:
    reason = "Failed to describe the api-destination(s). An api-destination 'gone' does not exist."
    with pytest.raises(ClientError, match=re.escape(reason)):
        world.cloud.client("events").describe_api_destination(Name="gone")


FAILED = "failed to satisfy constraint: Member must satisfy"


def test_invalid_connection_is_rejected_with_every_error(world: World) -> None:
    """https://github.com/localstack/localstack/tree/8b9a79f05846/tests/aws/services/events (2024)"""
    with pytest.raises(ClientError) as raised:
        world.cloud.client("events").create_connection(
            Name="not a name", AuthorizationType="INVALID", AuthParameters=BASIC
        )
    assert raised.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "2 validation errors detected: "
        f"Value 'not a name' at 'name' {FAILED} regular expression pattern: [\\.\\-_A-Za-z0-9]+; "
        f"Value 'INVALID' at 'authorizationType' {FAILED} "
        "enum value set: [BASIC, OAUTH_CLIENT_CREDENTIALS, API_KEY]",
    }


def test_invalid_destination_is_rejected_with_every_error(world: World) -> None:
    with pytest.raises(ClientError, match=r"2 validation errors detected: .*'connectionArn'.*'httpMethod'"):
        world.cloud.client("events").create_api_destination(
            Name="orders", ConnectionArn="no-arn", HttpMethod="SEND", InvocationEndpoint="https://example.com"
        )
