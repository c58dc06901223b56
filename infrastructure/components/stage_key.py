"""The customer-managed key of a stage, and who may use it for what."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import ArnFormat, CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import alarms_arn, archive_arn, bus_arn, topic_arn, trail_arn
from infrastructure.components.data_trail import CLOUDTRAIL
from infrastructure.components.key_reference import KEY_OUTPUT
from infrastructure.components.key_uses import DECRYPT, ENCRYPT, via
from infrastructure.removal import kept_once_made

ADMINISTRATION = (
    "CancelKeyDeletion",
    "DescribeKey",
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "RevokeGrant",
    "RotateKeyOnDemand",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
)
"""Actions of an administrator on a key; none encrypts or decrypts."""
USING_SERVICES = ("dynamodb", "kinesis", "secretsmanager", "sns", "sqs")
"""The services that use the key in the name of their caller."""
MAINTENANCE = ("CreateGrant", "Encrypt", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo")
"""Actions that DynamoDB and EventBridge also need from the deployer of a table or an archive with the key.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
"""
LOG_ACTIONS = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")


class StageKey(Construct):
    """A key that services use for this stage's resources, and people only through them.

    In a stack of its own: the setting that is switched off again leaves the stack, and so the key of what is
    still encrypted.
    """

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage) -> None:
        super().__init__(scope, construct_id)
        self._stage, self._stack = stage, Stack.of(self)
        self.key = kms.Key(
            self,
            "Resource",
            description=f"{stage.names.prefix}: what the stage stores.",
            enable_key_rotation=True,
            pending_window=Duration.days(30),
            policy=iam.PolicyDocument(statements=self._statements()),
            removal_policy=kept_once_made(stage),
        )
        CfnOutput(self, KEY_OUTPUT, value=self.key.key_arn).override_logical_id(KEY_OUTPUT)

    def _statements(self) -> list[iam.PolicyStatement]:
        names = self._stage.names
        rules = self._arn("events", "rule", f"{names.prefix}-*")
        return [
            *self._of_account(),
            # A message for a queue, from a topic.
            self._service("Topics", "sns.amazonaws.com", topic_arn(self, f"{names.prefix}-*")),
            # A message for a topic, a queue or a dead-letter queue, from a rule.
            self._service("Rules", "events.amazonaws.com", rules),
            self._service("Alarms", "cloudwatch.amazonaws.com", alarms_arn(self, f"{names.prefix}-")),
            *self._archive(),
            self._logs(),
            *self._trail(),
        ]

    def _of_account(self) -> list[iam.PolicyStatement]:
        """Leave administration to IAM's policies, and use too, but only through a service."""
        used_via = {
            "StringEquals": {
                "kms:CallerAccount": self._stack.account,
                "kms:ViaService": [via(self, service) for service in self._using()],
            }
        }
        return [
            self._allow("Administration", iam.AccountRootPrincipal(), ADMINISTRATION),
            self._allow(
                "UseThroughServices",
                iam.AccountRootPrincipal(),
                ("Decrypt", "DescribeKey", "GenerateDataKey", *MAINTENANCE),
                used_via,
            ),
        ]

    def _using(self) -> tuple[str, ...]:
        """The services of everyday use, of deploying the archive, of reading the trail and of backups."""
        settings = self._stage.settings
        optional = {"s3": settings.data_events, "backup": settings.backup}
        return (*USING_SERVICES, "events", *(name for name, setting in optional.items() if setting))

    def _archive(self) -> list[iam.PolicyStatement]:
        """Allow the archive's own ARN and its bus's: AWS's text and its example differ on the context.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/encryption-archives.html
        """
        names, service = self._stage.names, iam.ServicePrincipal("events.amazonaws.com")
        sources = [archive_arn(self, names.event_archive), bus_arn(self, names.event_bus)]
        context = {"kms:EncryptionContext:aws:events:event-bus:arn": sources}
        account = {"aws:SourceAccount": self._stack.account}
        uses = ("Decrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo")
        return [
            self._allow("ArchiveChecks", service, ("DescribeKey",), {"StringEquals": account}),
            self._allow("Archive", service, uses, {"StringEquals": context}),
        ]

    def _logs(self) -> iam.PolicyStatement:
        """Allow the logs of functions and of the HTTP API.

        https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
        """
        prefix = self._stage.names.prefix
        groups = [
            self._arn("logs", "log-group", f"{folder}/{prefix}-*", ArnFormat.COLON_RESOURCE_NAME)
            for folder in ("/aws/lambda", "/aws/vendedlogs")
        ]
        return self._allow(
            "Logs",
            iam.ServicePrincipal(f"logs.{self._stack.region}.amazonaws.com"),
            LOG_ACTIONS,
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
        )

    def _trail(self) -> list[iam.PolicyStatement]:
        """Allow the trail, if the stage has one.

        https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
        """
        if not self._stage.settings.data_events:
            return []
        trail = trail_arn(self, self._stage.names.data_trail)
        context = {"aws:SourceArn": trail, "kms:EncryptionContext:aws:cloudtrail:arn": trail}
        return [
            self._allow(
                "TrailChecks", CLOUDTRAIL, ("DescribeKey",), {"StringEquals": {"aws:SourceArn": trail}}
            ),
            self._allow("Trail", CLOUDTRAIL, ("GenerateDataKey",), {"StringEquals": context}),
        ]

    def _service(self, sid: str, principal: str, source_arn: str) -> iam.PolicyStatement:
        """Allow a service to send messages for resources of the stage."""
        conditions = {
            "StringEquals": {"aws:SourceAccount": self._stack.account},
            "ArnLike": {"aws:SourceArn": source_arn},
        }
        actions = [each.partition(":")[2] for each in (DECRYPT, ENCRYPT)]
        return self._allow(sid, iam.ServicePrincipal(principal), actions, conditions)

    @staticmethod
    def _allow(
        sid: str,
        principal: iam.PrincipalBase,
        actions: Sequence[str],
        conditions: Mapping[str, Any] | None = None,
    ) -> iam.PolicyStatement:
        """In a key's policy, `*` is the key itself."""
        return iam.PolicyStatement(
            sid=sid,
            principals=[principal],
            actions=[f"kms:{action}" for action in actions],
            resources=["*"],
            conditions=conditions,
        )

    def _arn(
        self, service: str, kind: str, name: str, form: ArnFormat = ArnFormat.SLASH_RESOURCE_NAME
    ) -> str:
        return self._stack.format_arn(service=service, resource=kind, resource_name=name, arn_format=form)
