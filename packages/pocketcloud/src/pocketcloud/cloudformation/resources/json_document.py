"""JSON documents in properties, which templates write as objects and the services take as text."""

import json

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.intrinsics import Value
from pocketcloud.iam.account_policies import checked_policy
from pocketcloud.iam.unsupported import UnsupportedPolicyError


def as_text(document: Value) -> str:
    """The document as JSON text; text stays as it is."""
    return document if isinstance(document, str) else json.dumps(document)


def as_policy(document: Value) -> str:
    """The policy as JSON text; ResourceError, with its name, for what would not be evaluated."""
    try:
        checked_policy(document, "policy")
    except UnsupportedPolicyError as error:
        raise ResourceError(f"not evaluated offline: {error}") from error
    return as_text(document)


def as_attribute(value: Value) -> str:
    """The value as SQS and SNS take attributes: always text."""
    return value if isinstance(value, str) else json.dumps(value)
