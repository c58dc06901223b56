"""Daily copies of the stage's tables in a vault of AWS Backup."""

from aws_cdk import Stack
from aws_cdk import aws_backup as backup
from aws_cdk import aws_iam as iam
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import table_arn
from infrastructure.components.key_reference import key_arn
from infrastructure.components.key_uses import via
from infrastructure.protection_settings import Backup
from infrastructure.removal import kept_once_made
from infrastructure.stage_resources import tables

COMPLIANCE_DAYS = 3
"""After so many days nobody can remove the lock, nor delete a copy before its time; AWS's minimum."""
WINDOW_MINUTES, COMPLETION_MINUTES = 60, 480
TABLE_ACTIONS = ("CreateBackup", "DescribeTable", "ListTagsOfResource", "StartAwsBackupJob")
BACKUP_ACTIONS = ("DeleteBackup", "DescribeBackup")
"""With AWS Backup's advanced features and without them, and on no other service.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html
"""
KEY_ACTIONS = ("CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKey")


class TableBackups(Construct):
    """A vault, a daily plan, and a role that copies tables and cannot read one."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, settings: Backup) -> None:
        super().__init__(scope, construct_id)
        self._stage, self._settings = stage, settings
        vault = backup.CfnBackupVault(
            self,
            "Vault",
            backup_vault_name=stage.names.backups,
            encryption_key_arn=key_arn(stage),
            lock_configuration=self._lock(),
        )
        vault.apply_removal_policy(kept_once_made(stage))
        plan = backup.CfnBackupPlan(
            self,
            "Plan",
            backup_plan=backup.CfnBackupPlan.BackupPlanResourceTypeProperty(
                backup_plan_name=stage.names.backups, backup_plan_rule=[self._rule(vault.ref)]
            ),
        )
        role = self._role()
        selection = backup.CfnBackupSelection(
            self,
            "Selection",
            backup_plan_id=plan.ref,
            backup_selection=backup.CfnBackupSelection.BackupSelectionResourceTypeProperty(
                selection_name=stage.names.backups, iam_role_arn=role.role_arn, resources=self._tables()
            ),
        )
        selection.node.add_dependency(role)

    def _rule(self, vault: str) -> backup.CfnBackupPlan.BackupRuleResourceTypeProperty:
        return backup.CfnBackupPlan.BackupRuleResourceTypeProperty(
            rule_name="daily",
            target_backup_vault=vault,
            schedule_expression=f"cron(0 {self._settings.hour_utc} * * ? *)",
            start_window_minutes=WINDOW_MINUTES,
            completion_window_minutes=COMPLETION_MINUTES,
            lifecycle=backup.CfnBackupPlan.LifecycleResourceTypeProperty(
                delete_after_days=self._settings.retention_days
            ),
        )

    def _lock(self) -> backup.CfnBackupVault.LockConfigurationTypeProperty | None:
        """Keep each copy for its time.

        https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
        """
        if self._settings.lock == "none":
            return None
        return backup.CfnBackupVault.LockConfigurationTypeProperty(
            min_retention_days=self._settings.retention_days,
            changeable_for_days=COMPLIANCE_DAYS if self._settings.lock == "compliance" else None,
        )

    def _tables(self) -> list[str]:
        return [table_arn(self, name) for name in tables(self._stage)]

    def _role(self) -> iam.Role:
        account = {"aws:SourceAccount": Stack.of(self).account}
        service = iam.ServicePrincipal("backup.amazonaws.com", conditions={"StringEquals": account})
        role = iam.Role(self, "Role", assumed_by=service)
        copies = [f"{table}/backup/*" for table in self._tables()]
        self._allow(role, "dynamodb", TABLE_ACTIONS, self._tables())
        self._allow(role, "dynamodb", BACKUP_ACTIONS, copies)
        if key := key_arn(self._stage):
            used = {"StringEquals": {"kms:ViaService": [via(self, each) for each in ("backup", "dynamodb")]}}
            statement = iam.PolicyStatement(
                actions=[f"kms:{action}" for action in KEY_ACTIONS], resources=[key], conditions=used
            )
            role.add_to_policy(statement)
        return role

    @staticmethod
    def _allow(role: iam.Role, service: str, actions: tuple[str, ...], resources: list[str]) -> None:
        named = [f"{service}:{action}" for action in actions]
        role.add_to_policy(iam.PolicyStatement(actions=named, resources=resources))
