"""Customers of another identity provider: its issuer is configuration, and only its tokens open the door."""

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

import app
from infrastructure.synthesis import synthesise
from pocketcloud import OfflineCloud

ISSUER = "https://login.partner.example/"
AUDIENCE = "orderbus"
SCOPE = "orders"
KEY = RSAKey.generate_key(2048, {"kid": "partner-1", "alg": "RS256"}, auto_kid=False)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OfflineCloud]:
    """The stage, configured for the partner's tokens."""
    context = deepcopy(json.loads((app.ROOT / "cdk.json").read_text())["context"])
    context["stages"]["dev"]["token"] = {"issuer": ISSUER, "audience": AUDIENCE, "scope": SCOPE}
    folder: Path = tmp_path_factory.mktemp("partner")
    synthesise(folder, context={**context, **app.PATHS})
    with OfflineCloud.start(assembly=folder) as cloud:
        cloud.issuers[ISSUER] = KeySet([KEY]).as_dict(private=False)
        yield cloud


def status(cloud: OfflineCloud, **claims: object) -> int:
    """What a request for no order in particular is answered with such a token."""
    now = int(cloud.clock.now().timestamp())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "scope": SCOPE, "iat": now, "exp": now + 60}
    token = jwt.encode({"alg": "RS256", "kid": "partner-1"}, {**usual, **claims}, KEY)
    headers = {"Authorization": f"Bearer {token}"}
    return cloud.http("GET", "/orders/none", headers=headers, customer=None).status


def test_the_partners_tokens_open_the_door_and_no_other_does(cloud: OfflineCloud) -> None:
    assert status(cloud) == 404
    assert status(cloud, iss="https://login.evil.example/") == 401
    assert status(cloud, aud="another-app") == 401
    assert status(cloud, scope="profile") == 403
    assert status(cloud, exp=int(cloud.clock.now().timestamp()) - 1) == 401


def test_an_issuer_s_subjects_may_have_characters_that_no_id_of_ours_has(cloud: OfflineCloud) -> None:
    assert status(cloud, sub="auth0|507f1f77bcf86cd799439020") == 404
    assert status(cloud, sub="") == 401


def test_no_user_pool_is_made_for_customers_of_another_provider(cloud: OfflineCloud) -> None:
    assert "UserPoolId" not in cloud.outputs
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"] == []
