"""Convert JSON documents in properties to the text that service APIs expect."""

import json

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.intrinsics import Value
from pocketcloud.iam.account_policies import check_policy, check_resource_policy
from pocketcloud.iam.unsupported import UnsupportedPolicyError


def as_text(document: Value) -> str:
    """Return the document as JSON text; return text unchanged."""
    return document if isinstance(document, str) else json.dumps(document)


def as_policy(document: Value) -> str:
    """Return the policy as JSON text; raise ResourceError naming an element that is not evaluated."""
    try:
        check_policy(document, "policy")
    except UnsupportedPolicyError as error:
        raise ResourceError(f"not evaluated offline: {error}") from error
    return as_text(document)


def as_resource_policy(document: Value) -> str:
    """Return the policy as `as_policy` does; each statement must name a principal."""
    try:
        check_resource_policy(document, "policy")
    except UnsupportedPolicyError as error:
        raise ResourceError(f"not evaluated offline: {error}") from error
    return as_text(document)


def as_attribute(value: Value) -> str:
    """Return the value as text, which is how SQS and SNS expect attributes."""
    return value if isinstance(value, str) else json.dumps(value)
