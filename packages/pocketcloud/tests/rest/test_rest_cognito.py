"""The Cognito authorizer of a REST API.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
"""

from collections.abc import Callable
from typing import Any

import pytest
from rest_stack import API, part, rest_stack

from pocketcloud import OfflineCloud
from pocketcloud.apigateway.tokens import NoUserPoolError, pool_token

Deploy = Callable[[dict[str, Any]], tuple[str, ...]]


def pool(name: str) -> dict[str, Any]:
    return {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": name}}


def guarded(**more: Any) -> dict[str, Any]:
    given = {
        "RestApiId": API,
        "Type": "COGNITO_USER_POOLS",
        "IdentitySource": "method.request.header.Authorization",
        "ProviderARNs": [{"Fn::GetAtt": ["Pool", "Arn"]}],
        "Name": "pool",
    }
    client = {"UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
    others = {
        "Pool": pool("one"),
        "Other": pool("two"),
        "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": client},
        "OtherClient": {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {**client, "UserPoolId": {"Ref": "Other"}},
        },
        "Authorizer": part("Authorizer", **{**given, **more}),
    }
    method = {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": {"Ref": "Authorizer"}}
    scoped = {**method, "AuthorizationScopes": ["shop/read", "shop/all"]}
    return rest_stack({"GET /me": method, "GET /scoped": scoped, "GET /open": {}}, others=others)


def arn(cloud: OfflineCloud, name: str) -> str:
    pools = cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    (found,) = [each["Id"] for each in pools if each["Name"] == name]
    return f"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/{found}"


def status(cloud: OfflineCloud, path: str, token: str) -> int:
    return cloud.http("GET", f"/prod/{path}", headers={"Authorization": token}, customer=None).status


def test_customer_is_signed_in_with_an_identity_token(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded())
    event = cloud.http("GET", "/prod/me", customer="ann").json()
    claims = event["requestContext"]["authorizer"]["claims"]
    assert (claims["sub"], claims["token_use"]) == ("ann", "id")
    # A REST API writes times out.
    assert claims["exp"].endswith(f" UTC {cloud.clock.now().year}")
    assert all(isinstance(claim, str) for claim in claims.values())


def test_customer_signs_in_with_scopes_of_the_method(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded())
    claims = cloud.http("GET", "/prod/scoped").json()["requestContext"]["authorizer"]["claims"]
    assert (claims["token_use"], claims["scope"]) == ("access", "shop/read shop/all")


def test_method_without_authorizer_needs_no_token(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded())
    event = cloud.http("GET", "/prod/open").json()
    assert "authorizer" not in event["requestContext"]
    assert "Authorization" not in event["headers"]


def test_token_is_unauthorized_unless_it_is_of_the_kind(cloud: OfflineCloud, deploy: Deploy) -> None:
    # https://repost.aws/knowledge-center/api-gateway-cognito-401-unauthorized
    deploy(guarded())
    own = [arn(cloud, "one")]
    identity = pool_token(own, "ann", ())
    assert status(cloud, "me", identity) == 200
    assert status(cloud, "me", f"Bearer {identity}") == 200
    assert status(cloud, "scoped", identity) == 401
    assert status(cloud, "scoped", pool_token(own, "ann", ["shop/all"])) == 200
    assert status(cloud, "scoped", pool_token(own, "ann", ["shop/write"])) == 401
    assert status(cloud, "me", pool_token(own, "ann", ["shop/all"])) == 401
    assert status(cloud, "me", pool_token([arn(cloud, "two")], "ann", ())) == 401
    assert status(cloud, "me", f"{identity[:-5]}AAAAA") == 401


def test_missing_token_is_unauthorized(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded())
    reply = cloud.http("GET", "/prod/me", customer=None)
    assert (reply.status, reply.body) == (401, '{"message":"Unauthorized"}')
    assert reply.headers["x-amzn-errortype"] == "UnauthorizedException"


def test_expired_token_is_named(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded())
    token = pool_token([arn(cloud, "one")], "ann", ())
    cloud.advance(minutes=61)
    reply = cloud.http("GET", "/prod/me", headers={"Authorization": token})
    assert (reply.status, reply.json()) == (401, {"message": "The incoming token has expired"})


def test_token_must_match_the_validation_expression(cloud: OfflineCloud, deploy: Deploy) -> None:
    deploy(guarded(IdentityValidationExpression="Bearer .*"))
    token = pool_token([arn(cloud, "one")], "ann", ())
    assert status(cloud, "me", token) == 401
    assert status(cloud, "me", f"Bearer {token}") == 200


def test_sign_in_fails_when_the_pool_has_no_client(cloud: OfflineCloud, deploy: Deploy) -> None:
    resources = guarded()
    del resources["Client"]
    deploy(resources)
    with pytest.raises(NoUserPoolError, match="has an app client"):
        cloud.http("GET", "/prod/me")
