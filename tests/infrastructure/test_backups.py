"""A stage with backups copies every table each day, into a vault that only an administrator changes."""

from typing import Any

import pytest
from aws_cdk import App
from msgspec import convert

from infrastructure.application import InvalidStageError
from infrastructure.deployer.template import OF_ADMINISTRATORS
from infrastructure.orderbus import ORDERBUS
from infrastructure.protection_settings import Backup
from infrastructure.stacks.backup import BackupStack
from infrastructure.stage_resources import tables
from tests.assemblies import settings_of_stages
from tests.infrastructure.graph import KEY, Graph, arn, every

BACKUP = {"hour_utc": 3, "retention_days": 90, "lock": "governance"}


def test_stage_without_the_setting_has_no_vault(dev: Graph, prod: Graph) -> None:
    for graph in (dev, prod):
        assert not [each for each in graph.resources if each.type.startswith("AWS::Backup::")]


def test_every_table_is_copied_each_day(encrypted: Graph) -> None:
    (selection,) = encrypted.of("Backup::BackupSelection")
    selected = selection.properties["BackupSelection"]["Resources"]
    stored = {arn("dynamodb", f"table/{table.name}") for table in encrypted.of("DynamoDB::Table")}
    assert set(selected) == stored
    (plan,) = encrypted.of("Backup::BackupPlan")
    (rule,) = plan.properties["BackupPlan"]["BackupPlanRule"]
    assert rule["ScheduleExpression"] == "cron(0 3 * * ? *)"
    assert rule["Lifecycle"] == {"DeleteAfterDays": 90}


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_tables_of_a_stage_are_those_of_its_templates(dev: Graph, prod: Graph, name: str) -> None:
    graph = {"dev": dev, "prod": prod}[name]
    named = tables(ORDERBUS.stage(name, settings_of_stages()["stages"]))
    assert sorted(named) == sorted(table.name for table in graph.of("DynamoDB::Table"))


def test_vault_is_locked_encrypted_and_an_administrators(encrypted: Graph) -> None:
    (vault,) = encrypted.of("Backup::BackupVault")
    assert vault.properties["LockConfiguration"] == {"MinRetentionDays": 90}
    assert vault.properties["EncryptionKeyArn"] == KEY
    assert vault.stack == "orderbus-dev-backup"
    kinds = {each.type for each in encrypted.resources if each.stack == vault.stack}
    assert kinds - {"AWS::IAM::Role", "AWS::IAM::Policy"} <= OF_ADMINISTRATORS


def test_role_copies_the_stages_tables_and_reads_none(encrypted: Graph) -> None:
    (role,) = encrypted.of("IAM::Role", stack="orderbus-dev-backup")
    (trust,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    (policy,) = encrypted.of("IAM::Policy", stack="orderbus-dev-backup")
    lines: list[dict[str, Any]] = policy.properties["PolicyDocument"]["Statement"]
    reads = {"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:RestoreTableFromBackup"}
    assert not reads & {action for line in lines for action in every(line["Action"])}
    for line in lines:
        for resource in every(line["Resource"]):
            assert resource == KEY or resource.startswith(arn("dynamodb", "table/orderbus-dev-"))
            assert "*" not in resource.removesuffix("/backup/*")


@pytest.mark.parametrize(
    ("lock", "expected"),
    [("none", None), ("compliance", {"MinRetentionDays": 90, "ChangeableForDays": 3})],
)
def test_lock_of_the_vault_is_the_settings(lock: str, expected: dict[str, int] | None) -> None:
    app, stage = App(), ORDERBUS.stage("dev", settings_of_stages()["stages"])
    BackupStack(app, stage=stage, settings=convert({**BACKUP, "lock": lock}, Backup))
    template = app.synth().get_stack_by_name("orderbus-dev-backup").template
    (vault,) = [each for each in template["Resources"].values() if "BackupVaultName" in each["Properties"]]
    assert vault["Properties"].get("LockConfiguration") == expected
    assert "EncryptionKeyArn" not in vault["Properties"]


@pytest.mark.parametrize(
    ("lock", "expected"),
    [({"lock": "open"}, "Invalid enum value 'open'"), ({"hour_utc": 24}, "`int` <= 23")],
)
def test_impossible_backup_is_rejected(lock: dict[str, Any], expected: str) -> None:
    stages = settings_of_stages()["stages"]
    stages["dev"] |= {"backup": {**BACKUP, **lock}}
    with pytest.raises(InvalidStageError, match=expected):
        ORDERBUS.stage("dev", stages)
