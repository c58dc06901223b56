"""Conditions that the endpoint's IAM does not support and denies; the second pass removes and reports them.

A check proves each gap before the templates are changed, and fails once the endpoint supports the condition.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from deploy_check.assembly import Change, Template, resources_of
from deploy_check.endpoint import ACCOUNT, REGION, Endpoint
from deploy_check.failure import require

LEADING_KEYS = "dynamodb:LeadingKeys"
SEND = "ses:SendEmail"
FROM = "ses:FromAddress"
SENDER = "probe@example.com"
TABLE = "deploy-check-probe"

Statement = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class IamGap:
    """Statements that AWS evaluates and the endpoint denies, and how to loosen them."""

    message: str
    loosened_statement: Statement
    """The statement that allows `action` on the endpoint."""
    strict_statement: Statement
    """The statement that allows it on AWS, as in our templates."""
    action: Callable[[Any], object]
    applies_to: Callable[[Statement], bool]
    loosen: Callable[[Statement], None]


def _put(tables: Any) -> None:  # noqa: ANN401 - boto3's clients share no type
    tables.put_item(TableName=TABLE, Item={"pk": {"S": "probe#1"}})


def _send(post: Any) -> None:  # noqa: ANN401 - as above
    content = {"Simple": {"Subject": {"Data": "probe"}, "Body": {"Text": {"Data": "probe"}}}}
    post.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [SENDER]}, Content=content)


def _remove_leading_keys(statement: Statement) -> None:
    kept = {
        operator: {key: value for key, value in keys.items() if key != LEADING_KEYS}
        for operator, keys in statement.pop("Condition").items()
    }
    if any(kept.values()):
        statement["Condition"] = {operator: keys for operator, keys in kept.items() if keys}


def _allow_any_sender(statement: Statement) -> None:
    statement.pop("Condition")
    statement["Resource"] = "*"


_WRITE = {
    "Effect": "Allow",
    "Action": "dynamodb:PutItem",
    "Resource": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}",
}
_BOUND = {"ForAllValues:StringLike": {LEADING_KEYS: ["probe#*"]}, "Null": {LEADING_KEYS: "false"}}
_ANY_SENDER = {"Effect": "Allow", "Action": SEND, "Resource": "*"}
_ONE_SENDER = {
    **_ANY_SENDER,
    "Resource": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/*",
    "Condition": {"StringEquals": {FROM: SENDER}},
}

IAM_GAPS = {
    "dynamodb": IamGap(
        message=f"the condition {LEADING_KEYS}",
        loosened_statement=_WRITE,
        strict_statement={**_WRITE, "Condition": _BOUND},
        action=_put,
        applies_to=lambda statement: LEADING_KEYS in str(statement.get("Condition")),
        loosen=_remove_leading_keys,
    ),
    "sesv2": IamGap(
        message=f"the identity and the condition {FROM} of {SEND}",
        loosened_statement=_ANY_SENDER,
        strict_statement=_ONE_SENDER,
        action=_send,
        applies_to=lambda statement: statement["Action"] == SEND and statement["Resource"] != "*",
        loosen=_allow_any_sender,
    ),
}
"""By the service of the client that shows the gap."""


def require_gaps(endpoint: Endpoint) -> None:
    """Run each action with both statements; raise CheckError if the strict one is enough."""
    tables = endpoint.client("dynamodb")
    tables.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for service, gap in IAM_GAPS.items():
        free = _allows(endpoint, f"free-{service}", service, gap.loosened_statement, gap.action)
        bound = _allows(endpoint, f"bound-{service}", service, gap.strict_statement, gap.action)
        require(met=free, otherwise=f"the endpoint denies what a policy allows: {gap.loosened_statement}")
        require(met=not bound, otherwise=f"the endpoint decides {gap.message} now: remove the gap")
    tables.delete_table(TableName=TABLE)


def loosening(document: Template) -> Change | None:
    """Return the change that loosens the template's statements, or None if it has no gap."""
    if not any(gap.applies_to(each) for gap in IAM_GAPS.values() for each in _statements(document)):
        return None

    def change(document: Template) -> None:
        for gap in IAM_GAPS.values():
            for statement in _statements(document):
                if gap.applies_to(statement):
                    gap.loosen(statement)

    return change


def _statements(document: Template) -> Iterator[Statement]:
    for _, properties in resources_of(document, "AWS::IAM::Policy"):
        yield from properties["PolicyDocument"]["Statement"]


def _allows(
    endpoint: Endpoint, user: str, service: str, statement: Mapping[str, Any], action: Callable[[Any], object]
) -> bool:
    """Return whether IAM allows the action to a user with this statement only."""
    people = endpoint.client("iam")
    people.create_user(UserName=user)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    people.put_user_policy(UserName=user, PolicyName=user, PolicyDocument=policy)
    key = people.create_access_key(UserName=user)["AccessKey"]
    client = endpoint.client(service, key=(key["AccessKeyId"], key["SecretAccessKey"]))
    try:
        action(client)
    except client.exceptions.ClientError as error:
        return "AccessDenied" not in error.response["Error"]["Code"]
    return True
