"""Delete tables and restore them under their own names, as docs/restore.md describes for an account."""

import json
from datetime import datetime
from typing import Any

from infrastructure.names import Names
from infrastructure.topology import SERVICES
from pocketcloud import OfflineCloud

DEV = Names("dev")
TABLES = {
    DEV.table(service.name, table.name): table
    for service in SERVICES
    for table in service.tables
    if table.name not in {"gateway", "catalogue"}  # the payment provider's memory; what the shop maintains
}
RECOVERY = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}
OPTIONS = (
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "FilterCriteria",
    "FunctionResponseTypes",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
)
"""Options of an event source mapping that the mapping of the new stream keeps."""


def names() -> list[str]:
    """Return the tables that can be lost."""
    return [DEV.event_log, DEV.claims, *TABLES]


def protect(cloud: OfflineCloud) -> None:
    """Enable point-in-time recovery, as every production stage does.

    New streams are made, so that their readers have the same order as after another rehearsal on this cloud.
    """
    dynamodb = cloud.client("dynamodb")
    for name in names():
        dynamodb.update_continuous_backups(TableName=name, **RECOVERY)
        if stream := dynamodb.describe_table(TableName=name)["Table"].get("LatestStreamArn"):
            dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": False})
            _follow(cloud, name, stream)


def restore(cloud: OfflineCloud, name: str, time: datetime | None) -> None:
    """Lose a table, and restore it to the time, or to its deletion if that is None."""
    dynamodb = cloud.client("dynamodb")
    stream = dynamodb.describe_table(TableName=name)["Table"].get("LatestStreamArn")
    if time is None:
        dynamodb.delete_table(TableName=name)
        backups = dynamodb.list_backups(TableName=name)["BackupSummaries"]
        backup = max(backups, key=lambda each: each["BackupCreationDateTime"])["BackupArn"]
    else:
        copy = f"{name}-restored"
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=name, TargetTableName=copy, RestoreDateTime=time
        )
        backup = dynamodb.create_backup(TableName=copy, BackupName=copy)["BackupDetails"]["BackupArn"]
        dynamodb.delete_table(TableName=name)
        dynamodb.delete_table(TableName=copy)
    dynamodb.restore_table_from_backup(TargetTableName=name, BackupArn=backup)
    _settings(cloud, name)
    if stream:
        _follow(cloud, name, stream)


def _settings(cloud: OfflineCloud, name: str) -> None:
    """Set what a backup does not include."""
    dynamodb = cloud.client("dynamodb")
    dynamodb.update_continuous_backups(TableName=name, **RECOVERY)
    if name in TABLES and TABLES[name].expires:
        ttl = {"Enabled": True, "AttributeName": "expires_at"}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)


def _follow(cloud: OfflineCloud, name: str, old_stream: str) -> None:
    """Enable a new stream on the table, and map its readers to it."""
    dynamodb, lambda_ = cloud.client("dynamodb"), cloud.client("lambda")
    view = "NEW_IMAGE" if name == DEV.event_log else "NEW_AND_OLD_IMAGES"
    dynamodb.update_table(TableName=name, StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    stream = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    for old in lambda_.list_event_source_mappings(EventSourceArn=old_stream)["EventSourceMappings"]:
        options: dict[str, Any] = {option: old[option] for option in OPTIONS if old.get(option)}
        lambda_.delete_event_source_mapping(UUID=old["UUID"])
        _allow(cloud, old["FunctionArn"], old_stream, stream)
        lambda_.create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=old["FunctionArn"],
            StartingPosition="TRIM_HORIZON",
            Enabled=old["State"] == "Enabled",
            **options,
        )


def _allow(cloud: OfflineCloud, function: str, old_stream: str, stream: str) -> None:
    """Name the new stream in the policies of the function's role, as the deployment does."""
    iam, lambda_ = cloud.client("iam"), cloud.client("lambda")
    role = lambda_.get_function(FunctionName=function)["Configuration"]["Role"].rpartition("/")[2]
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        changed = json.dumps(document).replace(old_stream, stream)
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=changed)
