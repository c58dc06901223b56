"""Helpers to evaluate policies in tests."""

from typing import Any

from pocketcloud.iam.evaluation import Decision, Policies, evaluate
from pocketcloud.iam.policy import read_policy
from pocketcloud.iam.principals import Principal, role
from pocketcloud.iam.text import Value

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
CARLOS = role(f"arn:aws:iam::{ACCOUNT}:role/carlossalazar")


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**elements: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def deny(**elements: Any) -> dict[str, Any]:
    return {**allow(**elements), "Effect": "Deny"}


def ask(  # noqa: PLR0913 - all parts of a request
    action: str = "sqs:SendMessage",
    resource: str = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs",
    *,
    principal: Principal = CARLOS,
    identity: tuple[dict[str, Any], ...] = (),
    by_resource: tuple[dict[str, Any], ...] = (),
    boundary: tuple[dict[str, Any], ...] | None = None,
    context: dict[str, Value] | None = None,
    owner: str = ACCOUNT,
) -> Decision:
    policies = Policies(
        identity=read_policy(document(*identity), "identity"),
        resource=read_policy(document(*by_resource), "resource"),
        boundary=None if boundary is None else read_policy(document(*boundary), "boundary"),
        owner=owner,
    )
    return evaluate(policies, principal, action, resource, {**principal.context, **(context or {})})


def holds(operator: str, named: Any, value: Value | None, *, key: str = "aws:k") -> bool:
    """Return whether a condition allows a request with this value of the key."""
    allowing = allow(Condition={operator: {key: named}})
    return ask(identity=(allowing,), context={} if value is None else {key: value}).allowed
