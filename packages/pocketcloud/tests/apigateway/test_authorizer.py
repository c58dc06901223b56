"""The JWT authorizer accepts a token only if its signature and all claims are valid."""

import base64
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk, jwt
from joserfc.jwk import KeySet, KeySetSerialization, RSAKey
from small_cloud import ISSUER, NOON
from werkzeug.datastructures import Headers

from pocketcloud.apigateway.authorizer import ForbiddenError, JwtAuthorizer, UnauthorizedError
from pocketcloud.apigateway.http_message import HttpRequest

NOW = int(NOON.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "key-1"})
STRANGER = RSAKey.generate_key(2048, {"kid": "key-1"})
JWKS: KeySetSerialization = KeySet([KEY]).as_dict(private=False)
AUTHORIZER = JwtAuthorizer(issuer=ISSUER, audience=("shop",))


def claims(**changed: object) -> dict[str, Any]:
    valid = {"iss": ISSUER, "aud": "shop", "sub": "customer-1", "iat": NOW, "exp": NOW + 60, "scope": "a b"}
    return {name: value for name, value in (valid | changed).items() if value is not None}


def a_token(key: jwk.Key = KEY, *, alg: str = "RS256", kid: str | None = "key-1", **changed: object) -> str:
    header = {"alg": alg} | ({"kid": kid} if kid else {})
    return jwt.encode(header, claims(**changed), key, algorithms=[alg])


def encoded(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def by_hand(alg: str, secret: bytes) -> str:
    """A token that no JWT library would create."""
    signed = f"{encoded({'alg': alg, 'kid': 'key-1'})}.{encoded(claims())}"
    digest = hmac.digest(secret, signed.encode(), "sha256") if secret else b""
    return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


def authorize(authorization: str | None, *scopes: str) -> dict[str, Any]:
    headers = Headers({"Authorization": authorization} if authorization is not None else {})
    request = HttpRequest("GET", "/", headers)
    return AUTHORIZER.authorize(request, scopes=scopes, now=NOON, issuers={ISSUER: JWKS})


def challenge(authorization: str | None) -> str:
    with pytest.raises(UnauthorizedError) as caught:
        authorize(authorization)
    reply = caught.value.reply()
    assert (reply.status, reply.body) == (401, '{"message":"Unauthorized"}')
    return reply.headers["www-authenticate"]


def test_valid_token_passes_its_claims_as_text() -> None:
    token = a_token(groups=["x", "y"], verified=True)
    assert authorize(f"Bearer {token}") == {
        "jwt": {
            "claims": {
                "iss": ISSUER,
                "aud": "shop",
                "sub": "customer-1",
                "iat": str(NOW),
                "exp": str(NOW + 60),
                "scope": "a b",
                "groups": "[x y]",
                "verified": "true",
            },
            "scopes": None,
        }
    }


def test_token_is_accepted_without_the_bearer_prefix() -> None:
    assert authorize(a_token())["jwt"]["claims"]["sub"] == "customer-1"


@pytest.mark.parametrize("authorization", [None, "", "Bearer ", "Bearer"])
def test_missing_token_is_challenged_without_a_reason(authorization: str | None) -> None:
    if authorization == "Bearer":
        assert "error=" in challenge(authorization)
    else:
        assert challenge(authorization) == "Bearer"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (a_token(exp=NOW), "the token has expired"),
        (a_token(exp=None), "the token's exp is not a time"),
        (a_token(exp=str(NOW + 60)), "the token's exp is not a time"),
        (a_token(nbf=NOW + 1), "the token is not valid yet"),
        (a_token(iat=NOW + 1), "the token is not valid yet"),
        (a_token(aud="another shop"), "the token does not have a valid audience"),
        (a_token(aud="another shop", client_id="shop"), "the token does not have a valid audience"),
        (a_token(aud=None), "the token does not have a valid audience"),
        (a_token(iss="https://evil.example.com"), "the token does not have a valid issuer"),
        (a_token(kid="key-2"), "the token's key is unknown"),
        (a_token(kid=None), "the token's key is unknown"),
        (a_token(alg="RS512"), "the token's signing method is invalid"),
        (a_token(alg="PS256"), "the token's signing method is invalid"),
        (a_token(STRANGER), "the token is malformed or its signature is invalid"),
        ("not.a.token", "the token is malformed or its signature is invalid"),
        ("nonsense", "the token is malformed or its signature is invalid"),
    ],
)
def test_invalid_token_is_rejected_with_its_reason(token: str, reason: str) -> None:
    expected = f'Bearer scope="" error="invalid_token" error_description="{reason}"'
    assert challenge(f"Bearer {token}") == expected


def test_token_without_an_algorithm_is_rejected() -> None:
    assert "signing method" in challenge(f"Bearer {by_hand('none', b'')}")
    assert "error=" in challenge(by_hand("none", b"").rstrip("."))


def test_token_signed_with_the_public_key_is_rejected() -> None:
    # Algorithm confusion: the public key is known and could be used as an HMAC secret.
    assert "signing method" in challenge(f"Bearer {by_hand('HS256', KEY.as_pem(private=False))}")


def test_changed_claim_breaks_the_signature() -> None:
    header, _, signature = a_token().split(".")
    _, other, _ = a_token(sub="customer-2").split(".")
    assert "signature" in challenge(f"Bearer {header}.{other}.{signature}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)
HEADER = st.fixed_dictionaries(
    {},
    optional={"alg": JSON | st.just("RS256"), "kid": JSON | st.just("key-1"), "crit": JSON, "b64": JSON},
)


@given(header=HEADER | JSON, payload=JSON)
def test_token_with_random_content_is_rejected(header: object, payload: object) -> None:
    challenge(f"Bearer {encoded(header)}.{encoded(payload)}.c2lnbmF0dXJl")


@given(st.text(st.characters(exclude_characters="\r\n")) | st.from_regex(r"[-_.A-Za-z0-9=]+", fullmatch=True))
def test_random_text_is_rejected(text: str) -> None:
    challenge(f"Bearer {text}")


def test_deeply_nested_token_is_rejected() -> None:
    nested = base64.urlsafe_b64encode(b"[" * 6_000).decode()
    assert "malformed" in challenge(f"Bearer {nested}.e30.c2ln")


@pytest.mark.parametrize("time", [float("nan"), float("inf"), 1e400, True, "soon", [], {}])
def test_invalid_time_is_rejected(time: object) -> None:
    assert "not a time" in challenge(f"Bearer {a_token(exp=time)}")


def test_client_id_counts_without_aud() -> None:
    assert authorize(a_token(aud=None, client_id="shop"))["jwt"]["claims"]["client_id"] == "shop"


def test_one_matching_audience_is_enough() -> None:
    assert authorize(a_token(aud=["other", "shop"]))["jwt"]["claims"]["aud"] == "[other shop]"


def test_one_required_scope_is_enough() -> None:
    assert authorize(a_token(), "b", "c")["jwt"]["scopes"] == ["a", "b"]


def test_scopes_may_be_a_list_in_scp() -> None:
    assert authorize(a_token(scope=None, scp=["c"]), "c")["jwt"]["scopes"] == ["c"]


@pytest.mark.parametrize("scope", [None, "", "d", "ab"])
def test_token_without_a_required_scope_is_forbidden(scope: str | None) -> None:
    with pytest.raises(ForbiddenError) as caught:
        authorize(a_token(scope=scope), "b", "c")
    reply = caught.value.reply()
    assert (reply.status, reply.body) == (403, '{"message":"Forbidden"}')
    assert reply.headers["www-authenticate"].startswith('Bearer scope="b c" error="insufficient_scope"')


def test_unknown_issuer_is_rejected() -> None:
    request = HttpRequest("GET", "/", Headers({"Authorization": a_token()}))
    with pytest.raises(UnauthorizedError, match="discovery"):
        AUTHORIZER.authorize(request, scopes=(), now=NOON, issuers={})
