"""Tokens come from the deployed Cognito user pool and are believed by the deployed authorizer."""

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


def test_a_customers_token_opens_the_api_and_names_the_customer(guarded: SmallCloud) -> None:
    reply = HttpApi(guarded).request("POST", "/orders", customer="customer-1")
    caller = guarded.event["requestContext"]["authorizer"]["jwt"]
    assert (reply.status, caller["claims"]["sub"], caller["scopes"]) == (204, "customer-1", [SCOPE])


def test_no_token_is_unauthorized_and_reaches_no_function(guarded: SmallCloud) -> None:
    reply = HttpApi(guarded).request("POST", "/orders", customer=None)
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert guarded.invoked == []


def test_an_authorization_header_wins_over_the_customer(guarded: SmallCloud) -> None:
    reply = HttpApi(guarded).request("POST", "/orders", customer="c", headers={"authorization": "x"})
    assert reply.status == 401


def test_a_token_of_the_pool_for_another_audience_is_refused(guarded: SmallCloud) -> None:
    token = guarded.token("customer-1")
    header = {"alg": "RS256", "kid": "dummy"}
    stranger = jwk.RSAKey.generate_key(2048, {"kid": "dummy"})
    forged = jwt.encode(header, {"sub": "customer-1"}, stranger)
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": forged}).status == 401
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": token}).status == 204


def test_a_token_is_kept_until_it_expires_on_the_virtual_clock(guarded: SmallCloud) -> None:
    tokens = Tokens(guarded)
    first = tokens.token("customer-1")
    assert tokens.token("customer-1") == first
    guarded.clock.move_to(NOON + timedelta(hours=2))
    assert tokens.token("customer-1") != first
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": first}).status == 401


def test_a_customer_who_is_in_the_pool_already_signs_in_too(guarded: SmallCloud) -> None:
    Tokens(guarded).token("customer-1")
    token = Tokens(guarded).token("customer-1")
    assert HttpApi(guarded).request("POST", "/orders", headers={"authorization": token}).status == 204
    assert guarded.event["requestContext"]["authorizer"]["jwt"]["claims"]["sub"] == "customer-1"


def test_an_issuer_that_is_no_user_pool_cannot_be_asked_for_tokens(cloud: SmallCloud) -> None:
    trust(cloud, deploy_api(cloud, "POST /orders"), ISSUER, "shop")
    with pytest.raises(NoUserPoolError, match=ISSUER):
        cloud.token("customer-1")
