"""What the endpoint's IAM cannot decide, and refuses: the second pass loosens exactly that, and says so.

Each gap is proved to be there before anything is loosened, so that none outlives the endpoint's next version.
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
class Gap:
    """Statements that AWS would evaluate and the endpoint refuses, and how they are loosened."""

    words: str
    loose: Statement
    """What a user needs to do `deed` on the endpoint."""
    strict: Statement
    """What suffices on AWS, in the words that our templates use."""
    deed: Callable[[Any], object]
    concerns: Callable[[Statement], bool]
    loosen: Callable[[Statement], None]


def _put(tables: Any) -> None:  # noqa: ANN401 - boto3's clients share no type
    tables.put_item(TableName=TABLE, Item={"pk": {"S": "probe#1"}})


def _send(post: Any) -> None:  # noqa: ANN401 - as above
    content = {"Simple": {"Subject": {"Data": "probe"}, "Body": {"Text": {"Data": "probe"}}}}
    post.send_email(FromEmailAddress=SENDER, Destination={"ToAddresses": [SENDER]}, Content=content)


def _unbind(statement: Statement) -> None:
    kept = {
        operator: {key: value for key, value in keys.items() if key != LEADING_KEYS}
        for operator, keys in statement.pop("Condition").items()
    }
    if any(kept.values()):
        statement["Condition"] = {operator: keys for operator, keys in kept.items() if keys}


def _send_as_anybody(statement: Statement) -> None:
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

GAPS = {
    "dynamodb": Gap(
        words=f"the condition {LEADING_KEYS}",
        loose=_WRITE,
        strict={**_WRITE, "Condition": _BOUND},
        deed=_put,
        concerns=lambda statement: LEADING_KEYS in str(statement.get("Condition")),
        loosen=_unbind,
    ),
    "sesv2": Gap(
        words=f"the identity and the condition {FROM} of {SEND}",
        loose=_ANY_SENDER,
        strict=_ONE_SENDER,
        deed=_send,
        concerns=lambda statement: statement["Action"] == SEND and statement["Resource"] != "*",
        loosen=_send_as_anybody,
    ),
}
"""By the service whose client shows them."""


def confirm_gaps(endpoint: Endpoint) -> None:
    """Do each deed as a user with either statement; CheckError if the strict one suffices by now."""
    tables = endpoint.client("dynamodb")
    tables.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for service, gap in GAPS.items():
        free = _allows(endpoint, f"free-{service}", service, gap.loose, gap.deed)
        bound = _allows(endpoint, f"bound-{service}", service, gap.strict, gap.deed)
        require(met=free, otherwise=f"the endpoint refuses what a policy allows: {gap.loose}")
        require(met=not bound, otherwise=f"the endpoint decides {gap.words} by now: leave it in")
    tables.delete_table(TableName=TABLE)


def loosening(document: Template) -> Change | None:
    """The change that closes the template's gaps, or None if it has none."""
    if not any(gap.concerns(each) for gap in GAPS.values() for each in _statements(document)):
        return None

    def change(document: Template) -> None:
        for gap in GAPS.values():
            for statement in _statements(document):
                if gap.concerns(statement):
                    gap.loosen(statement)

    return change


def _statements(document: Template) -> Iterator[Statement]:
    for _, properties in resources_of(document, "AWS::IAM::Policy"):
        yield from properties["PolicyDocument"]["Statement"]


def _allows(
    endpoint: Endpoint, user: str, service: str, statement: Mapping[str, Any], deed: Callable[[Any], object]
) -> bool:
    """Whether a user with this one statement is let through by IAM, whatever the service says then."""
    people = endpoint.client("iam")
    people.create_user(UserName=user)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    people.put_user_policy(UserName=user, PolicyName=user, PolicyDocument=policy)
    key = people.create_access_key(UserName=user)["AccessKey"]
    client = endpoint.client(service, key=(key["AccessKeyId"], key["SecretAccessKey"]))
    try:
        deed(client)
    except client.exceptions.ClientError as refusal:
        return "AccessDenied" not in refusal.response["Error"]["Code"]
    return True
