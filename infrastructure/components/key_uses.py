"""The permissions on the stage's key that follow from a principal's actions on the stage's resources."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.key_reference import key_arn

DECRYPT, ENCRYPT = "kms:Decrypt", "kms:GenerateDataKey"
KEY_USES: Mapping[str, tuple[str, ...]] = {
    "kinesis:GetRecords": (DECRYPT,),
    "kinesis:PutRecords": (ENCRYPT,),
    "secretsmanager:GetSecretValue": (DECRYPT,),
    "sns:Publish": (DECRYPT, ENCRYPT),
    "sqs:ReceiveMessage": (DECRYPT,),
    "sqs:SendMessage": (DECRYPT, ENCRYPT),
}
"""The key's actions that each service performs in the caller's name.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
"""
CONTROL_ACTIONS = frozenset({"dynamodb:DescribeTable"})
"""They read no item: DynamoDB decrypts a table's key for every other call, a write too.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
"""


def key_uses(actions: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the key's actions for these actions, by the service that uses the key."""
    found: dict[str, set[str]] = {}
    for action in actions:
        service = action.partition(":")[0]
        reads_table = service == "dynamodb" and action not in CONTROL_ACTIONS
        if uses := ((DECRYPT,) if reads_table else KEY_USES.get(action)):
            found.setdefault(service, set()).update(uses)
    return {service: tuple(sorted(uses)) for service, uses in sorted(found.items())}


def via(scope: Construct, service: str) -> str:
    """Return the value of `kms:ViaService` for a service of the scope's region."""
    stack = Stack.of(scope)
    return f"{service}.{stack.region}.{stack.url_suffix}"


def key_statements(scope: Construct, stage: Stage, actions: Iterable[str]) -> list[iam.PolicyStatement]:
    """Allow what these actions need on the stage's key, through these services alone.

    None, if the stage has no key.
    """
    arn = key_arn(stage)
    if arn is None:
        return []
    services: dict[tuple[str, ...], list[str]] = {}
    for service, uses in key_uses(actions).items():
        services.setdefault(uses, []).append(service)
    return [
        iam.PolicyStatement(
            sid="".join(("UseTheKeyFor", *(service.title() for service in each))),
            actions=list(uses),
            resources=[arn],
            conditions={"StringEquals": {"kms:ViaService": [via(scope, service) for service in each]}},
        )
        for uses, each in services.items()
    ]


class KeyAccess:
    """A role's use of the stage's key, one statement for each service, which grows with its actions."""

    def __init__(self, role: iam.Role, *, stage: Stage) -> None:
        self._role, self._key_arn = role, key_arn(stage)
        self._known: dict[str, tuple[iam.PolicyStatement, set[str]]] = {}

    def need(self, actions: Iterable[str]) -> None:
        """Allow what these actions need on the key; nothing, if the stage has none."""
        for service, uses in key_uses(actions).items() if self._key_arn else ():
            statement, allowed = self._known.get(service) or self._add(service)
            if missing := sorted({*uses} - allowed):
                statement.add_actions(*missing)
                allowed.update(missing)

    def _add(self, service: str) -> tuple[iam.PolicyStatement, set[str]]:
        conditions = {"StringEquals": {"kms:ViaService": via(self._role, service)}}
        statement = iam.PolicyStatement(resources=[str(self._key_arn)], conditions=conditions)
        self._role.add_to_policy(statement)
        self._known[service] = (statement, set())
        return self._known[service]


def with_key(
    scope: Construct, stage: Stage, statements: Sequence[iam.PolicyStatement]
) -> list[iam.PolicyStatement]:
    """Return the statements, and what they need on the stage's key."""
    actions = [action for statement in statements for action in statement.actions]
    return [*statements, *key_statements(scope, stage, actions)]
