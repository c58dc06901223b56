"""The issuer's tokens verify with the keys that it serves."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from deploy_check.issuer import Issuer, serve_issuer


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serve_issuer() as issuer:
        yield issuer


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - of our own server
        return json.loads(response.read())


def served_keys(issuer: Issuer) -> KeySet:
    found = fetch(f"{issuer.url}/.well-known/openid-configuration")
    assert found["issuer"] == issuer.url
    return KeySet.import_key_set(fetch(found["jwks_uri"]))


def test_token_has_the_customer_and_the_stage_settings(issuer: Issuer) -> None:
    claims = jwt.decode(issuer.token("ada"), served_keys(issuer)).claims
    settings = issuer.settings()
    assert (claims["iss"], claims["aud"], claims["scope"]) == tuple(settings.values())[:3]
    assert claims["sub"] == "ada"
    assert 0 < claims["exp"] - claims["iat"] <= 3600


def test_issuer_serves_no_private_key(issuer: Issuer) -> None:
    (key,) = fetch(f"{issuer.url}/keys")["keys"]
    assert {"kty", "n", "e", "kid"} <= set(key)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


def test_token_with_a_broken_signature_is_invalid(issuer: Issuer) -> None:
    broken = issuer.token("ada")[:-8] + "AAAAAAAA"
    with pytest.raises(BadSignatureError):
        jwt.decode(broken, served_keys(issuer))


def test_issuer_serves_no_other_page(issuer: Issuer) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(f"{issuer.url}/private")


def test_issuer_stops_after_the_context() -> None:
    with serve_issuer() as issuer:
        url = issuer.url
    with pytest.raises(urllib.error.URLError):
        fetch(f"{url}/keys")
