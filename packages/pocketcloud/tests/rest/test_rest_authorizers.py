"""Lambda authorizers of a REST API, which return a policy for the caller.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import API, part, permission, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.cloudformation.errors import DeployError
from pocketcloud.iam.unsupported import UnsupportedPolicyError

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]
BOTH = """
import json
def handle(event, context):
    if "methodArn" not in event:
        return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}
    print("AUTHORIZER", json.dumps(event))
    token = event.get("authorizationToken") or event["headers"].get("Auth") or "open"
    if token == "unauthorized":
        raise Exception("Unauthorized")
    if token == "broken":
        raise Exception("Other")
    if token == "null":
        return None
    effect = "Deny" if token == "deny" else "Allow"
    resource = event["methodArn"].rpartition("/")[0] + "/other" if token == "other" else event["methodArn"]
    statement = {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
    if token == "condition":
        statement["Condition"] = {"StringEquals": {"aws:sourceIp": "1.1.1.1"}}
    if token == "all":
        statement["Resource"] = "*"
    more = {"nested": {}} if token == "nested" else {"number": 1, "flag": True, "text": "t"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "me", "policyDocument": policy, "context": more}
"""
URI = {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations"}


def guarded(kind: str, **more: Any) -> dict[str, Any]:
    source = "method.request.header.Auth" if kind == "TOKEN" else "method.request.header.Auth,context.path"
    given = {"RestApiId": API, "Type": kind, "AuthorizerUri": URI, "IdentitySource": source, "Name": "a"}
    authorizer = part("Authorizer", **{**given, **more})
    method = {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Authorizer"}}
    return rest_stack(
        {"GET /{name}": method, "POST /{name}": method}, source=BOTH, others={"Authorizer": authorizer}
    )


def sent_to_authorizer(cloud: OfflineCloud) -> list[dict[str, Any]]:
    lines = (line.partition("AUTHORIZER ") for line in cloud.logs("f"))
    return [json.loads(document) for _, found, document in lines if found]


def allow_logs(resources: dict[str, Any]) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources["Role"]["Properties"]["Policies"] = [{"PolicyName": "logs", "PolicyDocument": document}]
    return resources


def test_token_authorizer_gets_token_and_method(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(allow_logs(guarded("TOKEN")))
    reply = cloud.http("GET", "/prod/a%20b?x=1", headers={"Auth": "ok"})
    # Values of the context become text.
    assert reply.json() == {"principalId": "me", "number": "1", "flag": "true", "text": "t"}
    (sent,) = sent_to_authorizer(cloud)
    (api,) = cloud.client("apigateway").get_rest_apis()["items"]
    arn = f"arn:aws:execute-api:eu-west-1:123456789012:{api['id']}/prod/GET/a%20b"
    assert sent == {"type": "TOKEN", "methodArn": arn, "authorizationToken": "ok"}


def test_request_authorizer_gets_the_whole_request(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(allow_logs(guarded("REQUEST")))
    assert cloud.http("GET", "/prod/a?x=1", headers={"Auth": "ok"}).status == 200
    (sent,) = sent_to_authorizer(cloud)
    assert (sent["type"], sent["resource"], sent["path"]) == ("REQUEST", "/{name}", "/a")
    assert (sent["queryStringParameters"], sent["pathParameters"]) == ({"x": "1"}, {"name": "a"})
    assert "body" not in sent


@pytest.mark.parametrize(
    ("token", "status", "message", "error_type"),
    [
        # https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden
        (
            "deny",
            403,
            "User is not authorized to access this resource with an explicit deny",
            "AccessDeniedException",
        ),
        ("other", 403, "User is not authorized to access this resource", "AccessDeniedException"),
        ("unauthorized", 401, "Unauthorized", "UnauthorizedException"),
        # github.com/auth0-samples/jwt-rsa-aws-custom-authorizer/pull/6
        ("broken", 500, None, "AuthorizerConfigurationException"),
        ("null", 500, None, "AuthorizerConfigurationException"),
        ("nested", 500, None, "AuthorizerConfigurationException"),
    ],
)
def test_request_is_rejected_when_the_authorizer_does_not_allow(  # noqa: PLR0913, PLR0917 - the cases
    cloud: OfflineCloud, deploy: Deploy, token: str, status: int, message: str | None, error_type: str
) -> None:
    deploy(guarded("TOKEN"))
    reply = cloud.http("GET", "/prod/a", headers={"Auth": token})
    assert (reply.status, reply.json()) == (status, {"message": message})
    assert reply.headers["x-amzn-errortype"] == error_type


def test_missing_token_is_unauthorized_without_the_function(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(allow_logs(guarded("TOKEN", IdentityValidationExpression="ok.*")))
    assert cloud.http("GET", "/prod/a").status == 401
    assert cloud.http("GET", "/prod/a", headers={"Auth": "deny"}).status == 401
    assert sent_to_authorizer(cloud) == []
    assert cloud.http("GET", "/prod/a", headers={"Auth": "ok-1"}).status == 200


def test_identity_source_is_needed_only_with_a_cache(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded("REQUEST"))
    assert cloud.http("GET", "/prod/a").status == 401
    deploy(guarded("REQUEST", AuthorizerResultTtlInSeconds=0) | _second_deployment())
    assert cloud.http("GET", "/prod/a").status == 200


def _second_deployment() -> dict[str, Any]:
    stage = part("Stage", RestApiId=API, StageName="prod", DeploymentId={"Ref": "DeploymentTwo"})
    return {
        "DeploymentTwo": part("Deployment", ["GET0", "Authorizer"], RestApiId=API),
        "Stage": stage,
    }


def test_result_is_kept_until_it_expires(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(allow_logs(guarded("TOKEN", AuthorizerResultTtlInSeconds=60)))

    def get() -> int:
        return cloud.http("GET", "/prod/a", headers={"Auth": "ok"}).status

    assert (get(), get(), len(sent_to_authorizer(cloud))) == (200, 200, 1)
    # The kept policy is for one method alone.
    assert cloud.http("POST", "/prod/a", headers={"Auth": "ok"}).status == 403
    assert cloud.http("GET", "/prod/a", headers={"Auth": "all"}).status == 200
    assert cloud.http("POST", "/prod/b", headers={"Auth": "all"}).status == 200
    assert len(sent_to_authorizer(cloud)) == 2
    cloud.advance(seconds=60)
    assert (get(), len(sent_to_authorizer(cloud))) == (200, 3)


def test_result_is_not_kept_without_a_time_to_live(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(allow_logs(guarded("TOKEN", AuthorizerResultTtlInSeconds=0)))
    for _ in range(2):
        assert cloud.http("GET", "/prod/a", headers={"Auth": "ok"}).status == 200
    assert len(sent_to_authorizer(cloud)) == 2


def test_reset_forgets_the_results_of_authorizers(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(allow_logs(guarded("TOKEN", AuthorizerResultTtlInSeconds=3600)))
    assert cloud.http("GET", "/prod/a", headers={"Auth": "ok"}).status == 200
    cloud.reset()
    assert cloud.http("GET", "/prod/a", headers={"Auth": "ok"}).status == 200
    assert len(sent_to_authorizer(cloud)) == 1


def test_authorizer_without_permission_is_a_server_error(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = guarded("TOKEN")
    place = "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/authorizers/"
    resources["Permission"] = permission(SourceArn={"Fn::Sub": f"{place}${{Authorizer}}"})
    deploy(resources)
    # The authorizer is invoked, the method's function is not.
    reply = cloud.http("GET", "/prod/a", headers={"Auth": "ok"})
    assert (reply.status, reply.json()) == (500, {"message": "Internal server error"})
    resources["Permission"] = permission(SourceArn={"Fn::Sub": f"{place}other"})
    deploy(resources)
    reply = cloud.http("GET", "/prod/a", headers={"Auth": "new"})
    assert (reply.status, reply.json()) == (500, {"message": None})


def test_condition_in_the_policy_is_rejected_by_name(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded("TOKEN"))
    with pytest.raises(UnsupportedPolicyError, match="conditions, which are not evaluated"):
        cloud.http("GET", "/prod/a", headers={"Auth": "condition"})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"Type": "OTHER"}, "OTHER is no type of authorizer"),
        ({"AuthorizerUri": None}, "AuthorizerUri is missing"),
        ({"Type": "COGNITO_USER_POOLS"}, "ProviderARNs is missing"),
        ({"Type": "REQUEST", "IdentitySource": ""}, "IdentitySource is missing"),
    ],
)
def test_unusable_authorizer_is_rejected(deploy: Deploy, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(guarded("TOKEN", **settings))
