"""The JWT authorizer of an HTTP API: verify a token's signature, issuer, audience, times and scopes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySetSerialization

from pocketcloud.apigateway.http_message import HttpRequest, Reply
from pocketcloud.apigateway.issuers import UnknownIssuerError, public_keys

# API Gateway accepts any RSA algorithm; allowing only one rules out HS256 and none.
ALGORITHM = "RS256"


class UnauthorizedError(Exception):
    """The token is missing or invalid: 401."""

    def __init__(self, reason: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason

    def reply(self) -> Reply:
        """Build API Gateway's response; AWS documents one of the reasons, the others follow its wording."""
        challenge = f'Bearer scope="" error="invalid_token" error_description="{self.reason}"'
        return Reply.message(401, "Unauthorized", www_authenticate=challenge if self.reason else "Bearer")


class ForbiddenError(Exception):
    """The token is valid but has none of the route's scopes: 403."""

    def __init__(self, scopes: Sequence[str]) -> None:
        super().__init__(scopes)
        self.scopes = scopes

    def reply(self) -> Reply:
        """Build API Gateway's response."""
        challenge = (
            f'Bearer scope="{" ".join(self.scopes)}" error="insufficient_scope" '
            'error_description="the token does not have the required scope"'
        )
        return Reply.message(403, "Forbidden", www_authenticate=challenge)


@dataclass(frozen=True, slots=True, kw_only=True)
class JwtAuthorizer:
    """The issuer and audience whose tokens an API accepts."""

    issuer: str
    audience: tuple[str, ...]
    identity_source: str = "$request.header.Authorization"

    def authorize(
        self,
        request: HttpRequest,
        *,
        scopes: Sequence[str],
        now: datetime,
        issuers: Mapping[str, KeySetSerialization],
    ) -> dict[str, Any]:
        """Return the caller's claims and scopes; raise UnauthorizedError or ForbiddenError."""
        claims = verified_claims(self._token(request), self._keys(issuers))
        self._check_issuer_and_audience(claims)
        check_times(claims, now.timestamp())
        held = scopes_of(claims)
        if scopes and not set(scopes) & set(held):
            raise ForbiddenError(scopes)
        # null if the route requires no scope (github.com/DefinitelyTyped/DefinitelyTyped/pull/75458)
        return {"jwt": {"claims": _as_text(claims), "scopes": held if scopes else None}}

    def _token(self, request: HttpRequest) -> str:
        kind, _, name = self.identity_source.removeprefix("$request.").partition(".")
        value = request.headers.get(name, "") if kind == "header" else request.query_parameter(name)
        token = value[len("Bearer ") :] if value[: len("Bearer ")].lower() == "bearer " else value
        if not token.strip():
            raise UnauthorizedError
        return token.strip()

    def _keys(self, issuers: Mapping[str, KeySetSerialization]) -> list[Key]:
        try:
            return public_keys(self.issuer, issuers)
        except UnknownIssuerError as error:
            raise UnauthorizedError("OIDC discovery endpoint communication error") from error

    def _check_issuer_and_audience(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self.issuer:
            raise UnauthorizedError("the token does not have a valid issuer")
        # `client_id` counts only without `aud`, which Cognito's access tokens lack.
        named = claims.get("aud", claims.get("client_id"))
        offered = named if isinstance(named, list) else [named]
        if not any(isinstance(one, str) and one in self.audience for one in offered):
            raise UnauthorizedError("the token does not have a valid audience")


def verified_claims(token: str, keys: Iterable[Key]) -> dict[str, Any]:
    """Return the claims of a token after verifying its signature."""
    try:
        header = jws.extract_compact(token.encode()).headers()
        if header.get("alg") != ALGORITHM:
            raise UnauthorizedError("the token's signing method is invalid")
        key = next((key for key in keys if key.kid == header.get("kid") and key.key_type == "RSA"), None)
        if key is None:
            raise UnauthorizedError("the token's key is unknown")
        claims = json.loads(jws.deserialize_compact(token.encode(), key, algorithms=[ALGORITHM]).payload)
    except (JoseError, ValueError, RecursionError, TypeError, AttributeError) as error:
        # The library does not check the types of header members, such as `crit`.
        raise UnauthorizedError("the token is malformed or its signature is invalid") from error
    if not isinstance(claims, dict):
        raise UnauthorizedError("the token carries no claims")
    return claims


def check_times(claims: Mapping[str, Any], now: float) -> None:
    """Check that `exp` is in the future, and `nbf` and `iat`, if present, are not."""
    for name in ("exp", "nbf", "iat"):
        time = claims.get(name)
        if time is None and name != "exp":
            continue
        if isinstance(time, bool) or not isinstance(time, int | float) or not math.isfinite(time):
            raise UnauthorizedError(f"the token's {name} is not a time")
        if name == "exp" and time <= now:
            raise UnauthorizedError("the token has expired")
        if name != "exp" and time > now:
            raise UnauthorizedError("the token is not valid yet")


def scopes_of(claims: Mapping[str, Any]) -> list[str]:
    """Return the scopes in `scope` or `scp`, from a string or a list."""
    held = claims.get("scope", claims.get("scp", ""))
    return held.split() if isinstance(held, str) else [str(scope) for scope in held or ()]


def _as_text(claims: Mapping[str, Any]) -> dict[str, str]:
    """Convert claims as an HTTP API does: every value is a string, a list is `[a b]`."""
    return {name: _text(value) for name, value in claims.items()}


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return f"[{' '.join(_text(one) for one in value)}]"
    return json.dumps(value, separators=(",", ":"))
