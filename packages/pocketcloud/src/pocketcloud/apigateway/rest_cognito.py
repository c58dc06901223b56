"""The Cognito authorizer of a REST API: identity tokens, or access tokens with one of the method's scopes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pocketcloud.apigateway.authorizer import UnauthorizedError, check_times, scopes_of, verified_claims
from pocketcloud.apigateway.http_message import HttpRequest
from pocketcloud.apigateway.issuers import pool_issuer, public_keys, user_pool
from pocketcloud.apigateway.rest_deployment import RestAuthorizer, RestMethod
from pocketcloud.apigateway.rest_responses import GatewayError

_TIMES = {"exp", "iat"}


def authorize_by_pool(
    authorizer: RestAuthorizer, method: RestMethod, request: HttpRequest, now: datetime
) -> dict[str, Any]:
    """Return the caller's claims as an event has them; raise GatewayError."""
    token = bearer_token(authorizer, request)
    claims = _claims(authorizer, token)
    try:
        check_times(claims, now.timestamp())
    except UnauthorizedError as error:
        expired = "exp" in claims and claims["exp"] <= now.timestamp()
        raise GatewayError("EXPIRED_TOKEN" if expired else "UNAUTHORIZED") from error
    # Without scopes the token is an identity token, otherwise an access token.
    if claims.get("token_use") != ("access" if method.scopes else "id"):
        raise GatewayError("UNAUTHORIZED")
    if method.scopes and not set(method.scopes) & set(scopes_of(claims)):
        raise GatewayError("UNAUTHORIZED")
    return {"claims": {name: _text(name, value) for name, value in claims.items()}}


def bearer_token(authorizer: RestAuthorizer, request: HttpRequest) -> str:
    """Return the token without `Bearer`; raise GatewayError if it is missing or does not match."""
    sent = identity_value(authorizer.identity_sources[0], request, {}, {}) or ""
    if not sent or (authorizer.validation and not re.fullmatch(authorizer.validation, sent)):
        raise GatewayError("UNAUTHORIZED")
    return sent[len("Bearer ") :].strip() if sent[: len("Bearer ")].lower() == "bearer " else sent


def identity_value(
    source: str, request: HttpRequest, variables: Mapping[str, str], context: Mapping[str, Any]
) -> str | None:
    """Return the value of an identity source; None if the request lacks it."""
    kind, _, name = source.removeprefix("method.request.").partition(".")
    if kind == "header":
        return request.headers.get(name)
    if kind == "querystring":
        return request.query_parameter(name) or None
    if kind == "stageVariables":
        return variables.get(name)
    value = context.get("identity", {}).get(name.removeprefix("identity."), context.get(name))
    return None if value is None else str(value)


def _claims(authorizer: RestAuthorizer, token: str) -> dict[str, Any]:
    """Return the claims of a token that an app client of one of the user pools received."""
    for arn in authorizer.pools:
        issuer = pool_issuer(arn)
        pool = user_pool(issuer)
        if pool is None:
            continue
        try:
            claims = verified_claims(token, public_keys(issuer, {}))
        except UnauthorizedError:
            continue
        client = claims.get("aud", claims.get("client_id"))
        if claims.get("iss") == issuer and client in pool.clients:
            return claims
    raise GatewayError("UNAUTHORIZED")


def _text(name: str, value: object) -> str:
    """Convert a claim as a REST API does: times are written out, lists are joined."""
    if name in _TIMES and isinstance(value, int):
        return datetime.fromtimestamp(value, UTC).strftime("%a %b %d %H:%M:%S UTC %Y")
    if isinstance(value, list):
        return ",".join(str(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)
