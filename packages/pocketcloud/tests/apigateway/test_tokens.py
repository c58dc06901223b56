"""Tokens come from the deployed Cognito user pool and pass the deployed authorizer."""

from datetime import timedelta

import pytest
from joserfc import jwk, jwt
from small_cloud import ISSUER, NOON, SmallCloud, deploy_api, trust

from pocketcloud.apigateway.http_api import HttpApi
from pocketcloud.apigateway.tokens import NoUserPoolError, Tokens

SCOPE = "aws.cognito.signin.user.admin"


@pytest.fixture(params=[{}, {"UsernameAttributes": ["email"]}], ids=["by name", "by e-mail"])
def guarded(cloud: SmallCloud, request: pytest.FixtureRequest) -> SmallCloud:
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="customers", **request.param)["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="shop", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    api = deploy_api(cloud, "POST /orders")
    trust(cloud, api, f"https://cognito-idp.eu-west-1.amazonaws.com/{pool}", client, SCOPE)
    return cloud


def test_token_passes_the_authorizer_and_names_the_user(guarded: SmallCloud) -> None:
    reply = HttpApi(guarded).request("POST", "/orders", customer="customer-1")
    caller = guarded.event["requestContext"]["authorizer"]["jwt"]
    assert (reply.status, caller["claims"]["sub"], caller["scopes"]) == (204, "customer-1", [SCOPE])


def test_request_without_a_token_is_unauthorized(guarded: SmallCloud) -> None:
    reply = HttpApi(guarded).request("POST", "/orders", customer=None)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert guarded.invoked == []


def test_authorization_header_wins_over_the_customer(guarded: SmallCloud) -> None:
    reply = HttpApi(guarded).request("POST", "/orders", customer="c", headers={"authorization": "x"})
    assert reply.status == 401


def test_forged_token_is_rejected(guarded: SmallCloud) -> None:
    token = guarded.token("customer-1")
    header = {"alg": "RS256", "kid": "dummy"}
    stranger = jwk.RSAKey.generate_key(2048, {"kid": "dummy"})
    forged = jwt.encode(header, {"sub": "customer-1"}, stranger)
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": forged}).status == 401
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": token}).status == 204


def test_token_is_cached_until_it_expires(guarded: SmallCloud) -> None:
    tokens = Tokens(guarded)
    first = tokens.token("customer-1")
    assert tokens.token("customer-1") == first
    guarded.clock.move_to(NOON + timedelta(hours=2))
    assert tokens.token("customer-1") != first
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": first}).status == 401


def test_existing_user_signs_in(guarded: SmallCloud) -> None:
    Tokens(guarded).token("customer-1")
    token = Tokens(guarded).token("customer-1")
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": token}).status == 204
    assert guarded.event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] == "customer-1"


def test_foreign_issuer_gives_no_tokens(cloud: SmallCloud) -> None:
    trust(cloud, deploy_api(cloud, "POST /orders"), ISSUER, "shop")
    with pytest.raises(NoUserPoolError, match=ISSUER):
        cloud.token("customer-1")
