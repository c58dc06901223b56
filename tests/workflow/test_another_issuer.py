"""Customers of another identity provider: the API accepts its tokens only, and the addresses they prove."""

import json
from collections.abc import Iterator

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from pocketcloud import OfflineCloud
from tests.assemblies import dev_with
from tests.workflow.shop import an_order

ISSUER = "https://login.partner.example/"
AUDIENCE = "orderbus"
SCOPE = "orders"
OPERATORS = "orders.operate"
KEY = RSAKey.generate_key(2048, {"kid": "partner-1", "alg": "RS256"}, auto_kid=False)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """Deploy the stage, configured for the tokens of a partner."""
    token = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "scope": SCOPE,
        "operator_scope": OPERATORS,
        "verified_email": True,
    }
    stream = {"shards": 1, "retention_hours": 24}
    assembly = dev_with(tmp_path_factory, token=token, ordered_stream=stream)
    with OfflineCloud.start(assembly=assembly) as cloud:
        cloud.issuers[ISSUER] = KeySet([KEY]).as_dict(private=False)
        yield cloud


def header_of(cloud: OfflineCloud, **claims: object) -> dict[str, str]:
    """Return the header with a token that has these claims too."""
    now = int(cloud.clock.now().timestamp())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "scope": SCOPE, "iat": now, "exp": now + 60}
    token = jwt.encode({"alg": "RS256", "kid": "partner-1"}, {**usual, **claims}, KEY)
    return {"Authorization": f"Bearer {token}"}


def status(cloud: OfflineCloud, **claims: object) -> int:
    """Return the status of a request with this token."""
    headers = header_of(cloud, **claims)
    return cloud.http("GET", "/orders/none", headers=headers, customer=None).status


def test_only_tokens_of_configured_issuer_are_accepted(cloud: OfflineCloud) -> None:
    assert status(cloud) == 404
    assert status(cloud, iss="https://login.evil.example/") == 401
    assert status(cloud, aud="another-app") == 401
    assert status(cloud, scope="profile") == 403
    assert status(cloud, exp=int(cloud.clock.now().timestamp()) - 1) == 401


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"email": "Ada@example.com", "email_verified": True}, None),
        ({"email": "ada@example.com", "email_verified": False}, "email_not_verified"),
        ({"email": "eve@example.com", "email_verified": True}, "email_not_verified"),
        ({}, "email_not_verified"),
    ],
)
def test_order_is_accepted_only_with_the_proved_address(
    cloud: OfflineCloud, claims: dict[str, object], code: str | None
) -> None:
    cloud.client("dynamodb").put_item(
        TableName="orderbus-dev-catalogue",
        Item={"sku": {"S": "TEAPOT"}, "unit_price": {"N": "2499"}, "currency": {"S": "GBP"}},
    )
    headers = {"Idempotency-Key": "k-1", **header_of(cloud, **claims)}
    order = an_order(lines=[{"sku": "TEAPOT", "quantity": 1}])
    reply = cloud.http("POST", "/orders", json=order, headers=headers, customer=None)
    assert (reply.status, json.loads(reply.body).get("code")) == (422 if code else 202, code)


def test_subject_is_accepted_when_it_has_other_characters(cloud: OfflineCloud) -> None:
    assert status(cloud, sub="auth0|507f1f77bcf86cd799439020") == 404
    assert status(cloud, sub="") == 401


@pytest.mark.parametrize(("scope", "status"), [(SCOPE, 403), (OPERATORS, 200), (f"{SCOPE} {OPERATORS}", 200)])
def test_figures_are_shown_only_with_the_operators_scope(
    cloud: OfflineCloud, scope: str, status: int
) -> None:
    headers = header_of(cloud, scope=scope)
    assert cloud.http("GET", "/analytics", headers=headers, customer=None).status == status


def test_no_user_pool_exists_when_issuer_is_configured(cloud: OfflineCloud) -> None:
    assert "UserPoolId" not in cloud.outputs
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"] == []
