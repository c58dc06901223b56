"""Recognize operators among the callers of the HTTP API, by the token that API Gateway has verified."""

import os
from collections.abc import Mapping
from typing import Any

from functions.shared.runtime.environment import required
from functions.shared.runtime.problem import ProblemError


def require_operator(event: Mapping[str, Any]) -> None:
    """Raise `operators_only` unless the token names the group of operators, or has their scope.

    A stage with a user pool has a group, one with another issuer a scope. A customer signs up alone, and can
    give themselves neither.
    """
    token = event["requestContext"]["authorizer"]["jwt"]
    group = os.environ.get("OPERATOR_GROUP")
    held = _groups(token["claims"]) if group else token["scopes"] or ()
    if (group or required("OPERATOR_SCOPE")) not in held:
        raise ProblemError("operators_only", "the token is not an operator's")


def _groups(claims: Mapping[str, str]) -> list[str]:
    """Return the groups of a user of Cognito, whose names have no spaces; API Gateway writes `[a b]`.

    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateGroup.html
    """
    return claims.get("cognito:groups", "").removeprefix("[").removesuffix("]").split()
