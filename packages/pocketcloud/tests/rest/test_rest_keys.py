"""API keys of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import API, part, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
VALUE = "a-key-of-twenty-characters"
BY_TOKEN = """
import json
def handle(event, context):
    if "methodArn" not in event:
        return {"statusCode": 200, "body": json.dumps(event)}
    statement = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "me", "policyDocument": policy, "usageIdentifierKey": event["authorizationToken"]}
"""


def with_key(*, stage: str = "prod", enabled: bool = True, **stack: Any) -> dict[str, Any]:
    others = {
        "Key": part("ApiKey", Name="partner", Value=VALUE, Enabled=enabled),
        "Unplanned": part("ApiKey", Value=f"{VALUE}-unplanned", Enabled=True),
        "Plan": part("UsagePlan", ["Stage"], ApiStages=[{"ApiId": API, "Stage": stage}]),
        "PlanKey": part("UsagePlanKey", KeyId={"Ref": "Key"}, KeyType="API_KEY", UsagePlanId={"Ref": "Plan"}),
        **stack.pop("others", {}),
    }
    method = {"ApiKeyRequired": True, **stack.pop("method", {})}
    return rest_stack({"GET /": method}, others=others, **stack)


def test_key_of_the_stage_is_passed_to_the_function(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(with_key())
    identity = cloud.http("GET", "/prod", headers={"x-api-key": VALUE}).json()["requestContext"]["identity"]
    (key,) = [
        each for each in cloud.client("apigateway").get_api_keys()["items"] if each["name"] == "partner"
    ]
    assert (identity["apiKey"], identity["apiKeyId"]) == (VALUE, key["id"])


@pytest.mark.parametrize("key", [None, "unknown", f"{VALUE}-unplanned"])
def test_request_is_forbidden_without_a_key_of_the_plan(
    cloud: OfflineCloud, deploy: Deploy, key: str | None
) -> None:
    deploy(with_key())
    reply = cloud.http("GET", "/prod", headers={"x-api-key": key} if key else {})
    assert (reply.status, reply.body) == (403, '{"message":"Forbidden"}')
    assert reply.headers["x-amzn-errortype"] == "ForbiddenException"


@pytest.mark.parametrize("stack", [{"stage": "other"}, {"enabled": False}])
def test_key_is_forbidden_when_not_for_the_stage(
    cloud: OfflineCloud, deploy: Deploy, stack: dict[str, Any]
) -> None:
    deploy(with_key(**stack))
    assert cloud.http("GET", "/prod", headers={"x-api-key": VALUE}).status == 403


def test_authorizer_chooses_the_key_when_it_is_the_source(cloud: OfflineCloud, deploy: Deploy) -> None:
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"
    authorizer = part("Authorizer", RestApiId=API, Type="TOKEN", Name="a", AuthorizerUri={"Fn::Sub": uri})
    method = {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Authorizer"}}
    api = {"ApiKeySourceType": "AUTHORIZER"}
    deploy(with_key(method=method, api=api, source=BY_TOKEN, others={"Authorizer": authorizer}))
    assert cloud.http("GET", "/prod", headers={"Authorization": VALUE}).status == 200
    headers = {"Authorization": "none", "x-api-key": VALUE}
    assert cloud.http("GET", "/prod", headers=headers).status == 403


def test_key_is_forbidden_once_it_left_the_plan(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = with_key()
    deploy(resources)
    del resources["PlanKey"]
    deploy(resources)
    assert cloud.http("GET", "/prod", headers={"x-api-key": VALUE}).status == 403


def test_short_key_is_rejected(deploy: Deploy) -> None:
    with pytest.raises(DeployError, match="at least 20 characters"):
        deploy({"Key": part("ApiKey", Value="short")})


def test_unknown_plan_of_a_key_is_rejected(deploy: Deploy) -> None:
    key = part("UsagePlanKey", KeyId="none", KeyType="API_KEY", UsagePlanId="none")
    with pytest.raises(DeployError, match="no usage plan none"):
        deploy({"PlanKey": key})
