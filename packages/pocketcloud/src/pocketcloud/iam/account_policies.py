"""Read the policies of roles and resources from moto's stores."""

import json
from collections.abc import Iterator
from functools import lru_cache

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.dynamodb.models import dynamodb_backends
from moto.events.models import events_backends
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User, iam_backends
from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import FakeSecret, secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from pocketcloud.iam.access_request import PARTITION, AccountRegion
from pocketcloud.iam.actions import KNOWN_KEYS
from pocketcloud.iam.key_permissions import KeyPermissions
from pocketcloud.iam.policy import Statement, read_policy
from pocketcloud.iam.unsupported import UnsupportedPolicyError

_EVERYTHING = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
OTHER_ACCOUNT = read_policy(_EVERYTHING, "another account's policies")
"""Assume that other accounts allow everything, so that only this account's policies decide."""


_URL_CONDITIONS = {
    "FunctionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "InvokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
}

_AWS_MANAGED = f"arn:{PARTITION}:iam::aws:policy/"


class UnknownRoleError(LookupError):
    """The role does not exist in this account."""


class AccountPolicies:
    """Policies of one account, read from moto on every call."""

    def __init__(self, location: AccountRegion) -> None:
        self._location = location
        self._keys = KeyPermissions(location)

    def of_role(self, arn: str) -> tuple[Statement, ...]:
        """Return the role's inline and attached policies; `OTHER_ACCOUNT` for a foreign role."""
        if arn.split(":")[4] != self._location.account:
            return OTHER_ACCOUNT
        role = self._role(arn)
        inline = [
            each
            for name, document in role.policies.items()
            for each in check_policy(document, f"{role.name}/{name}")
        ]
        attached = [each for policy in role.managed_policies.values() for each in _managed(policy)]
        return (*inline, *attached)

    def of_user(self, arn: str) -> tuple[Statement, ...]:
        """Return the user's inline and attached policies, and those of the user's groups."""
        iam, name = self._iam(), arn.rpartition("/")[2]
        holders: list[User | Group] = [iam.get_user(name), *iam.get_groups_for_user(name)]
        inline = [
            each
            for holder in holders
            for policy, document in holder.policies.items()
            for each in check_policy(document, f"{holder.name}/{policy}")
        ]
        attached = [
            each
            for holder in holders
            for policy in holder.managed_policies.values()
            for each in _managed(policy)
        ]
        return (*inline, *attached)

    def boundary_of(self, arn: str) -> tuple[Statement, ...] | None:
        """Return the role's permissions boundary; None if it has none."""
        if arn.split(":")[4] != self._location.account:
            return None
        boundary = self._role(arn).permissions_boundary_arn
        return None if boundary is None else _managed(self._iam().get_policy(boundary))

    def trust_policy_of(self, arn: str) -> tuple[Statement, ...]:
        """Return the role's trust policy."""
        return check_resource_policy(self._role(arn).assume_role_policy_document, f"{arn}/trust")

    def of_resource(self, arn: str) -> tuple[Statement, ...]:
        """Return the resource's own policy; empty if it has none."""
        documents = {
            "sqs": self._of_queue,
            "sns": self._of_topic,
            "events": self._of_bus,
            "kms": self._of_key,
            "lambda": self._of_function,
            "logs": self._of_log_group,
            "s3": self._of_bucket,
            "secretsmanager": self._of_secret,
        }
        find = documents.get(arn.split(":")[2])
        if find is None:
            return ()
        return tuple(each for document in find(arn) for each in check_resource_policy(document, arn))

    def role_arn(self, name: str) -> str | None:
        """Return the ARN of the role with this name or ARN; None if there is none."""
        roles = self._iam().roles.values()
        return next((str(role.arn) for role in roles if name in {role.arn, role.name}), None)

    def role_of(self, function: str) -> str:
        """Return the ARN of the function's role."""
        return str(self._function(function).role)

    def partition_key(self, table: str, index: str | None) -> str | None:
        """Return the name of a table's or an index's partition key; None if it does not exist."""
        found = dynamodb_backends[self._location.account][self._location.region].tables.get(table)
        if found is None:
            return None
        if index is None:
            return str(found.hash_key_attr)
        indexes = (*found.indexes, *found.global_indexes)
        return next((str(each.schema_key_attrs[0]) for each in indexes if each.name == index), None)

    def _iam(self) -> IAMBackend:
        return iam_backends[self._location.account][PARTITION]

    def _role(self, arn: str) -> Role:
        try:
            return self._iam().get_role_by_arn(arn)
        except NotFoundException as error:
            raise UnknownRoleError(f"role {arn} does not exist in this account") from error

    def _function(self, name: str) -> LambdaFunction:
        return lambda_backends[self._location.account][self._location.region].get_function(name)

    def _of_queue(self, arn: str) -> Iterator[object]:
        queue = sqs_backends[self._location.account][self._location.region].queues.get(arn.rpartition(":")[2])
        if queue is not None and queue.queue_arn == arn and queue.policy:
            yield queue.policy

    def _of_topic(self, arn: str) -> Iterator[object]:
        topic = sns_backends[self._location.account][self._location.region].topics.get(arn)
        if topic is not None:
            yield topic.policy

    def _of_bus(self, arn: str) -> Iterator[object]:
        bus = events_backends[self._location.account][self._location.region].event_buses.get(
            arn.rpartition("/")[2]
        )
        if bus is not None and bus.arn == arn and bus.policy:
            yield bus.policy

    def _of_function(self, arn: str) -> Iterator[object]:
        try:
            statements = self._function(arn).policy.statements
        except LambdaClientError:
            return
        yield {"Version": "2012-10-17", "Statement": [_with_url_conditions(each) for each in statements]}

    def _of_log_group(self, _: str) -> Iterator[object]:
        # They belong to the region, and each statement names its log groups.
        for policy in logs_backends[self._location.account][self._location.region].resource_policies.values():
            yield policy.policy_document

    def _of_bucket(self, arn: str) -> Iterator[object]:
        name = arn.rpartition(":")[2].partition("/")[0]
        bucket = s3_backends[self._location.account][PARTITION].buckets.get(name)
        if bucket is not None and bucket.policy:
            yield bucket.policy.decode()

    def _of_secret(self, arn: str) -> Iterator[object]:
        secrets = secretsmanager_backends[self._location.account][self._location.region].secrets
        found = next((each for each in secrets.values() if each.arn == arn), None)
        if isinstance(found, FakeSecret) and found.policy:
            yield found.policy

    def _of_key(self, arn: str) -> Iterator[object]:
        policy = self._keys.policy_of(arn)
        if policy is not None:
            yield policy

    def key_arn(self, name: str) -> str | None:
        """Return the ARN of a key by id, ARN or alias; None if there is none."""
        return self._keys.arn_of(name)

    def secret_arn(self, name: str) -> str | None:
        """Return the ARN of a secret by name or ARN; None if there is none."""
        secrets = secretsmanager_backends[self._location.account][self._location.region].secrets
        found = (each for each in secrets.values() if name in {each.name, each.arn})
        return next((str(each.arn) for each in found), None)


def _with_url_conditions(statement: dict[str, object]) -> dict[str, object]:
    """Return a function's statement with the conditions that Lambda adds for function URLs.

    moto keeps the parameters of the request instead.
    https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
    """
    plain = {name: value for name, value in statement.items() if name not in _URL_CONDITIONS}
    given = statement.get("Condition")
    conditions = dict(given) if isinstance(given, dict) else {}
    for name, (operator, key) in _URL_CONDITIONS.items():
        if name in statement:
            conditions[operator] = {**conditions.get(operator, {}), key: statement[name]}
    return {**plain, "Condition": conditions} if conditions else plain


def check_policy(document: object, place: str) -> tuple[Statement, ...]:
    """Return the document's statements; raise UnsupportedPolicyError if one cannot be evaluated.

    The document is JSON text or the parsed document.
    """
    return _checked(document if isinstance(document, str) else json.dumps(document), place)


@lru_cache(10_000)
def _checked(document: str, place: str) -> tuple[Statement, ...]:
    """Read and check each text once: any change in the account drops the policies of all roles."""
    statements = read_policy(document, place)
    for statement in statements:
        for condition in statement.conditions:
            if condition.key not in KNOWN_KEYS:
                raise UnsupportedPolicyError(
                    f"{statement.place}: the condition key {condition.key} is not evaluated"
                )
    return statements


def check_resource_policy(document: object, place: str) -> tuple[Statement, ...]:
    """Return the statements of a resource-based policy; each must name a principal.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    statements = check_policy(document, place)
    for statement in statements:
        if statement.principals is None:
            raise UnsupportedPolicyError(f"{statement.place}: a resource-based policy needs a Principal")
    return statements


def _managed(policy: ManagedPolicy) -> tuple[Statement, ...]:
    default = next(each for each in policy.versions if each.version_id == policy.default_version_id)
    document = default.document
    if policy.arn.startswith(_AWS_MANAGED):
        document = evaluated_part(document)
    return check_policy(document, policy.name)


@lru_cache(1_000)
def evaluated_part(document: str) -> str:
    """Return AWS's own policy without the statements that cannot be evaluated: they allow nothing.

    Nobody can change such a policy. A denying statement stays, so that it is rejected.
    """
    policy = json.loads(document)
    given = policy["Statement"]
    statements = given if isinstance(given, list) else [given]
    return json.dumps({**policy, "Statement": [each for each in statements if _is_evaluated(each)]})


def _is_evaluated(statement: dict[str, object]) -> bool:
    try:
        check_policy({"Version": "2012-10-17", "Statement": [statement]}, "AWS")
    except UnsupportedPolicyError:
        return statement["Effect"] != "Allow"
    return True
