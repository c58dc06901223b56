"""Lambda authorizers of a REST API: a function returns a policy for the caller, which is kept for a while.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pocketcloud.apigateway.http_message import HttpRequest
from pocketcloud.apigateway.rest_cognito import identity_value
from pocketcloud.apigateway.rest_deployment import RestAuthorizer
from pocketcloud.apigateway.rest_responses import GatewayError
from pocketcloud.core.engine import ACCOUNT
from pocketcloud.iam.evaluation import Policies, evaluate
from pocketcloud.iam.policy import Statement, read_policy
from pocketcloud.iam.principals import Principal
from pocketcloud.iam.unsupported import UnsupportedPolicyError

_CALLER = Principal("the authorizer's caller", account=ACCOUNT, user="caller")
_ACTION = "execute-api:Invoke"
Call = Callable[[RestAuthorizer, dict[str, Any]], tuple[Any, bool]]
"""Invokes the authorizer's function: its result, and whether it failed."""


@dataclass(frozen=True, slots=True)
class AuthorizerResult:
    """The result of an authorizer's function."""

    principal: str
    statements: tuple[Statement, ...]
    context: Mapping[str, str]
    usage_key: str | None

    def decide(self, method_arn: str) -> None:
        """Evaluate the policy; raise GatewayError unless it allows the method."""
        policies = Policies(identity=self.statements, owner=ACCOUNT)
        decision = evaluate(policies, _CALLER, _ACTION, method_arn, {})
        if decision.allowed:
            return
        if decision.statement is not None:
            message = "User is not authorized to access this resource with an explicit deny"
            raise GatewayError("ACCESS_DENIED", message)
        raise GatewayError("ACCESS_DENIED")


@dataclass(slots=True)
class AuthorizerCache:
    """Results of authorizers until they expire on the virtual clock."""

    _results: dict[tuple[str, ...], tuple[AuthorizerResult, datetime]] = field(default_factory=dict)

    def get(self, key: tuple[str, ...], now: datetime) -> AuthorizerResult | None:
        """Return the result; None if there is none or it expired."""
        result, until = self._results.get(key, (None, now))
        return result if now < until else None

    def put(self, key: tuple[str, ...], result: AuthorizerResult, until: datetime) -> None:
        """Keep a result."""
        self._results[key] = result, until


def authorize_by_function(  # noqa: PLR0913 - all by name
    authorizer: RestAuthorizer,
    request: HttpRequest,
    event: Mapping[str, Any],
    *,
    method_arn: str,
    call: Call,
    cache: AuthorizerCache,
    now: datetime,
) -> AuthorizerResult:
    """Return the authorizer's result if its policy allows the method; raise GatewayError."""
    identity = _identity(authorizer, request, event)
    context = event["requestContext"]
    key = (context["apiId"], context["stage"], context["deploymentId"], authorizer.id, *identity)
    result = cache.get(key, now)
    if result is None:
        # A request authorizer gets the event of the method, without the body.
        sent = {"authorizationToken": identity[0]} if authorizer.kind == "TOKEN" else event
        returned, failed = call(authorizer, {"type": authorizer.kind, "methodArn": method_arn, **sent})
        if failed:
            # The one message that a function can choose.
            unauthorized = isinstance(returned, dict) and returned.get("errorMessage") == "Unauthorized"
            raise GatewayError("UNAUTHORIZED" if unauthorized else "AUTHORIZER_CONFIGURATION_ERROR")
        result = _read(returned)
        cache.put(key, result, now + timedelta(seconds=authorizer.ttl_seconds))
    result.decide(method_arn)
    return result


def _identity(authorizer: RestAuthorizer, request: HttpRequest, event: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the values of the identity sources, which every caching authorizer needs."""
    variables, context = event["stageVariables"] or {}, event["requestContext"]
    values = [
        identity_value(source, request, variables, context) or "" for source in authorizer.identity_sources
    ]
    is_token = authorizer.kind == "TOKEN"
    if not all(values) and (is_token or authorizer.ttl_seconds):
        raise GatewayError("UNAUTHORIZED")
    if is_token and authorizer.validation and not re.fullmatch(authorizer.validation, values[0]):
        raise GatewayError("UNAUTHORIZED")
    return tuple(values)


def _read(returned: object) -> AuthorizerResult:
    """Read a function's result; raise GatewayError if it has another form."""
    document: Mapping[str, Any] = returned if isinstance(returned, dict) else {}
    principal, context = document.get("principalId"), document.get("context") or {}
    try:
        statements = read_policy(document.get("policyDocument") or {}, "the authorizer's policy")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR") from error
    is_flat = isinstance(context, dict) and not any(
        isinstance(value, dict | list) for value in context.values()
    )
    if not (isinstance(principal, str) and statements and is_flat):
        raise GatewayError("AUTHORIZER_CONFIGURATION_ERROR")
    if any(statement.conditions for statement in statements):
        raise UnsupportedPolicyError("the authorizer's policy has conditions, which are not evaluated")
    return AuthorizerResult(
        principal,
        statements,
        {name: _text(value) for name, value in context.items() if value is not None},
        document.get("usageIdentifierKey"),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
