"""Our issuer's tokens are verified by the keys it serves, as any verifier finds them."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from deploy_check.issuer import Issuer, serving


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving() as issuer:
        yield issuer


def fetched(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - of our own server
        return json.loads(answer.read())


def served_keys(issuer: Issuer) -> KeySet:
    found = fetched(f"{issuer.url}/.well-known/openid-configuration")
    assert found["issuer"] == issuer.url
    return KeySet.import_key_set(fetched(found["jwks_uri"]))


def test_a_token_is_of_its_customer_and_of_what_the_stage_trusts(issuer: Issuer) -> None:
    claims = jwt.decode(issuer.token("ada"), served_keys(issuer)).claims
    settings = issuer.settings()
    assert (claims["iss"], claims["aud"], claims["scope"]) == tuple(settings.values())
    assert claims["sub"] == "ada"
    assert 0 < claims["exp"] - claims["iat"] <= 3600


def test_the_private_key_is_not_served(issuer: Issuer) -> None:
    (key,) = fetched(f"{issuer.url}/keys")["keys"]
    assert {"kty", "n", "e", "kid"} <= set(key)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


def test_a_broken_signature_is_no_token(issuer: Issuer) -> None:
    broken = issuer.token("ada")[:-8] + "AAAAAAAA"
    with pytest.raises(BadSignatureError):
        jwt.decode(broken, served_keys(issuer))


def test_no_other_page_is_there(issuer: Issuer) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetched(f"{issuer.url}/private")


def test_nothing_listens_any_more_afterwards() -> None:
    with serving() as issuer:
        url = issuer.url
    with pytest.raises(urllib.error.URLError):
        fetched(f"{url}/keys")
