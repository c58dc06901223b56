"""The permissions on a customer-managed key that come with a permission on what the key encrypts.

A service uses the key of a queue, a topic, a table, a stream or a secret in the name of the caller.
https://docs.aws.amazon.com/kms/latest/developerguide/service-integration.html
"""

from collections.abc import Iterator, Mapping

from moto.dynamodb.models import dynamodb_backends
from moto.kinesis.models import kinesis_backends
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends

from pocketcloud.iam.access_request import AccessRequest, AccountRegion
from pocketcloud.iam.principals import Principal
from pocketcloud.iam.text import Value

_DECRYPT, _ENCRYPT = "kms:Decrypt", "kms:GenerateDataKey"
_USES: Mapping[str, tuple[str, ...]] = {
    "kinesis:GetRecords": (_DECRYPT,),
    "kinesis:PutRecord": (_ENCRYPT,),
    "kinesis:PutRecords": (_ENCRYPT,),
    "kinesis:SubscribeToShard": (_DECRYPT,),
    "secretsmanager:GetSecretValue": (_DECRYPT,),
    "sns:Publish": (_DECRYPT, _ENCRYPT),
    "sqs:ReceiveMessage": (_DECRYPT,),
    "sqs:SendMessage": (_DECRYPT, _ENCRYPT),
    **dict.fromkeys(
        (
            f"dynamodb:{action}"
            for action in (
                "BatchGetItem",
                "BatchWriteItem",
                "ConditionCheckItem",
                "DeleteItem",
                "GetItem",
                "GetRecords",
                "PutItem",
                "Query",
                "Scan",
                "UpdateItem",
            )
        ),
        (_DECRYPT,),
    ),
}
"""The key's actions for each action. A table's own key is made with it, so a write only decrypts that one.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.howitworks.html
"""
_ATTRIBUTES = {
    "kinesis": "key_id",
    "secretsmanager": "kms_key_id",
    "sns": "kms_master_key_id",
    "sqs": "kms_master_key_id",
}
"""The attribute of moto's resource that names its key."""
_AWS_MANAGED = "alias/aws/"
"""Keys that AWS manages allow everybody who may use the service."""


class KeyPermissions:
    """Finds the key of a resource, and what a caller needs on it; reads moto on every call."""

    def __init__(self, location: AccountRegion) -> None:
        self._location = location

    @property
    def exist(self) -> bool:
        """Whether there are any keys."""
        return bool(self._kms().keys)

    def needed(self, principal: Principal, request: AccessRequest) -> Iterator[AccessRequest]:
        """Return the key's permissions that a permitted request needs as well; none without a key."""
        uses = _USES.get(request.action)
        key = self._key_of(request.resource) if uses and self.exist else None
        if uses is None or key is None:
            return
        context = self._context(principal, request)
        for action in uses:
            yield AccessRequest(action, str(key.arn), context)

    def arn_of(self, named: str) -> str | None:
        """Return the ARN of the key with this id, ARN or alias; None if it does not exist."""
        key = self._kms().keys.get(self._kms().any_id_to_key_id(named))
        return None if key is None else str(key.arn)

    def policy_of(self, arn: str) -> str | None:
        """Return the policy of the key with this ARN; None if it does not exist."""
        key = self._kms().keys.get(arn.rpartition("/")[2])
        return None if key is None else str(key.policy)

    def _context(self, principal: Principal, request: AccessRequest) -> dict[str, Value]:
        """Return the keys of a request that a service makes for the principal.

        https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
        """
        service = request.action.partition(":")[0]
        of_source = ("aws:sourcearn", "aws:sourceaccount") if principal.service else ()
        return {
            **{key: request.context[key] for key in of_source if key in request.context},
            "kms:viaservice": f"{service}.{self._location.region}.amazonaws.com",
            "kms:calleraccount": principal.account or self._location.account,
        }

    def _key_of(self, resource: str) -> Key | None:
        """Return the customer-managed key of a resource; None if it has none."""
        named = self._key_id(resource)
        if not named:
            return None
        key = self._kms().keys.get(self._kms().any_id_to_key_id(named))
        return None if key is None or any(name.startswith(_AWS_MANAGED) for name in key.aliases) else key

    def _key_id(self, resource: str) -> str | None:
        """Return the key's id, ARN or alias, as the resource has it."""
        account, region = self._location.account, self._location.region
        _, _, service, _, _, name = resource.split(":", 5)
        match service:
            case "sqs":
                found: object = sqs_backends[account][region].queues.get(name)
            case "sns":
                found = sns_backends[account][region].topics.get(resource)
            case "kinesis":
                found = kinesis_backends[account][region].streams.get(name.rpartition("/")[2])
            case "dynamodb":
                table = dynamodb_backends[account][region].tables.get(name.split("/")[1])
                return ((table and table.sse_specification) or {}).get("KMSMasterKeyId")
            case _:
                secrets = secretsmanager_backends[account][region].secrets.values()
                found = next((each for each in secrets if each.arn == resource), None)
        return getattr(found, _ATTRIBUTES[service], None)

    def _kms(self) -> KmsBackend:
        return kms_backends[self._location.account][self._location.region]
