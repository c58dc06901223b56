"""Requests that API Gateway rejects before it invokes a function, with the real template."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from infrastructure.topology import SERVICES
from openapi.document import PATH
from pocketcloud import Reply
from pocketcloud.apigateway.http_api import deployed_apis, jwt_authorizer
from pocketcloud.apigateway.issuers import public_keys
from pocketcloud.core.journal import Kind
from tests.workflow.shop import Shop, an_order

ROUTES = [route for service in SERVICES for route in service.routes]
STRANGER = RSAKey.generate_key(2048, {"kid": "dummy"})


def untouched(shop: Shop) -> bool:
    """Return whether no function was invoked and nothing was written."""
    invoked = [hop for hop in shop.cloud.journal.hops if hop.kind is Kind.INVOKED]
    return not invoked and shop.rows("waiting") == shop.rows("event-log") == []


def place(shop: Shop, **headers: str) -> Reply:
    sent = {"Idempotency-Key": "k1", **headers}
    return shop.cloud.http("POST", "/orders", json=an_order(), headers=sent, customer=None)


class Forger:
    """Makes tokens: with the key of the user pool, which is public knowledge offline, or without it."""

    def __init__(self, shop: Shop) -> None:
        (api,) = deployed_apis().values()
        self.now = int(shop.cloud.clock.now().timestamp())
        self.trusted = jwt_authorizer(api, next(iter(api.routes.values())))
        (key,) = public_keys(self.trusted.issuer, {})
        assert isinstance(key, RSAKey)
        self.key = key

    def signed(self, key: RSAKey | None = None, **changes: object) -> str:
        """A token as the user pool signs it, its claims changed as asked."""
        return jwt.encode(self._header("RS256"), self._claims(**changes), key or self.key)

    def by_hand(self, alg: str, secret: bytes) -> str:
        """A token that no decent library would mint."""
        parts = (self._header(alg), self._claims())
        text = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
        return f"{text}.{_encoded(hmac.digest(secret, text.encode(), 'sha256')) if secret else ''}"

    def _header(self, alg: str) -> dict[str, Any]:
        return {"alg": alg, "kid": self.key.kid}

    def _claims(self, **changes: object) -> dict[str, Any]:
        sound = {
            "iss": self.trusted.issuer,
            "client_id": self.trusted.audience[0],
            "sub": "ada",
            "scope": "aws.cognito.signin.user.admin",
            "iat": self.now,
            "exp": self.now + 60,
        }
        return {name: value for name, value in {**sound, **changes}.items() if value is not None}


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


FORGERIES: Mapping[str, Callable[[Forger], str]] = {
    "H30 expired": lambda forger: forger.signed(exp=forger.now - 1),
    "H30 not valid yet": lambda forger: forger.signed(nbf=forger.now + 60),
    "H30 for another audience": lambda forger: forger.signed(client_id="another-app"),
    "H30 of another issuer": lambda forger: forger.signed(iss="https://login.evil.example"),
    "H30 signed by another": lambda forger: forger.signed(STRANGER),
    "H30 alg none": lambda forger: forger.by_hand("none", b""),
    "H30 HS256 with the public key": lambda forger: forger.by_hand("HS256", forger.key.as_pem(private=False)),
    "H30 no token at all": lambda _forger: "c4n4ry",
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_h30_response_has_challenge_when_token_is_invalid(forge: Callable[[Forger], str], shop: Shop) -> None:
    forger = Forger(shop)
    reply = place(shop, Authorization=f"Bearer {forge(forger)}")
    assert (reply.status, reply.json()) == (401, {"message": "Unauthorized"})
    assert 'error="invalid_token"' in reply.headers["www-authenticate"]
    assert untouched(shop)
    assert place(shop, Authorization=f"Bearer {forger.signed()}").status == 202


@pytest.mark.parametrize("route", ROUTES)
def test_h30_h31_route_requires_token_with_its_scope(route: str, shop: Shop) -> None:
    method, path = route.split(" ")
    forger = Forger(shop)
    anonymous = shop.cloud.http(method, path, customer=None)
    assert (anonymous.status, anonymous.headers["www-authenticate"]) == (401, "Bearer")
    headers = {"Authorization": f"Bearer {forger.signed(scope='profile')}"}
    unscoped = shop.cloud.http(method, path, headers=headers, customer=None)
    assert unscoped.status == 403
    assert 'error="insufficient_scope"' in unscoped.headers["www-authenticate"]
    assert untouched(shop)


@dataclass(frozen=True)
class Row:
    """A request that API Gateway itself responds to."""

    name: str
    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


ROWS = (
    Row("H6 more than ten megabytes", "POST", "/orders", 413, body=b"c" * (10 * 1024 * 1024 + 1)),
    Row("H33 dots", "GET", "/orders/../orders/1", 404),
    Row("H33 an encoded slash", "GET", "/orders/a%2Fb", 404),
    Row("H33 an encoded NUL", "GET", "/orders/%00", 404),
    Row("H33 half an escape", "GET", "/orders/%c3%28", 404),
    Row("H33 nothing", "GET", "/orders/", 404),
    Row("H45 another method", "DELETE", "/orders", 404),
    Row("H45 another method below", "PUT", "/orders/1", 404),
    Row("H45 unknown route", "GET", "/admin", 404),
    Row("H46 headers of more than 10,240 bytes", "GET", "/orders", 431, {"x-much": "c" * 10_241}),
    Row("H33 a path of ten kilobytes", "GET", f"/orders/{'c' * 10_240}", 431),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_gateway_rejects_requests_that_match_no_route(row: Row, shop: Shop) -> None:
    reply = shop.cloud.http(row.method, row.path, headers=row.headers, body=row.body, customer="ada")
    assert reply.status == row.status
    assert "Traceback" not in reply.body
    assert shop.rows("waiting") == shop.rows("event-log") == []


def test_h32_order_of_another_customer_is_not_found(shop: Shop) -> None:
    order_id = shop.place(an_order(), customer="grace")
    replies = [
        shop.cloud.http("GET", f"/orders/{order_id}", customer="ada"),
        shop.cloud.http("POST", f"/orders/{order_id}/cancellation", customer="ada"),
    ]
    assert [(reply.status, reply.json()["code"]) for reply in replies] == [(404, "order_not_found")] * 2
    assert shop.facts(order_id) == ["OrderCreated"]


def test_h48_api_gateway_limits_the_rate(shop: Shop) -> None:
    """API Gateway itself responds 429; the offline cloud does not throttle."""
    gateway = shop.cloud.client("apigatewayv2")
    (api,) = gateway.get_apis()["Items"]
    (stage,) = gateway.get_stages(ApiId=api["ApiId"])["Items"]
    limits = stage["DefaultRouteSettings"]
    assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (50, 100)


def test_h47_order_time_is_the_time_of_the_cloud(shop: Shop) -> None:
    headers = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert place(shop, Authorization=f"Bearer {Forger(shop).signed()}", **headers).status == 202
    (event,) = (json.loads(row["event"]) for row in shop.rows("event-log"))
    assert datetime.fromisoformat(event["time"]) == shop.cloud.clock.now()


@pytest.mark.parametrize("document", ["openapi.json", "asyncapi.json"])
def test_api_serves_its_contracts_from_the_repository(shop: Shop, document: str) -> None:
    """The test of every route's token proves that nobody sees them without one."""
    reply = shop.cloud.http("GET", f"/{document}", customer="ada")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.body == PATH.with_name(document).read_text(encoding="utf-8")


def test_responses_have_no_cors_headers_without_the_setting(shop: Shop) -> None:
    preflight = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert shop.cloud.http("OPTIONS", "/orders", headers=preflight).status == 404
    reply = shop.cloud.http("GET", "/orders", headers={"Origin": "https://shop.example"}, customer="ada")
    assert not [name for name, _ in reply.headers if name.lower().startswith("access-control")]
