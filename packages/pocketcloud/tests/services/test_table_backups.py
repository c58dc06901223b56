from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from small_world import World

HEAD = """
    def handle(event, context):
        for record in event["Records"]:
            print(record["dynamodb"]["Keys"]["pk"]["S"])
"""
RECOVERY = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}}


def rows(world: World, table: str = "log") -> set[str]:
    items = world.cloud.client("dynamodb").scan(TableName=table)["Items"]
    return {f"{item['pk']['S']}={item.get('n', {}).get('N', '')}" for item in items}


def restore(world: World, **options: Any) -> None:
    world.cloud.client("dynamodb").restore_table_to_point_in_time(
        SourceTableName="log", TargetTableName="copy", **options
    )


def history(world: World) -> list[tuple[datetime, set[str]]]:
    """Make every kind of write, a minute apart; return the rows after each."""
    dynamodb, seen = world.cloud.client("dynamodb"), []
    key: dict[str, Any] = {"TableName": "log", "Key": {"pk": {"S": "a"}}}
    add = {"UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    transaction = [{"Put": {"TableName": "log", "Item": {"pk": {"S": "c"}}}}, {"Update": {**key, **add}}]
    for write in (
        lambda: world.put("a", "b"),
        lambda: dynamodb.update_item(**key, **add),
        lambda: dynamodb.update_item(**key, **add, ReturnValues="UPDATED_NEW"),  # moto's own way
        lambda: dynamodb.transact_write_items(TransactItems=transaction),
        lambda: dynamodb.transact_write_items(TransactItems=transaction, ClientRequestToken="t" * 36),
        lambda: dynamodb.delete_item(**key),
    ):
        world.cloud.advance(minutes=1)
        write()
        seen.append((world.cloud.clock.now(), rows(world)))
    return seen


def test_table_is_restored_to_any_time(world: World) -> None:
    world.table()
    world.cloud.client("dynamodb").update_continuous_backups(TableName="log", **RECOVERY)
    states = history(world)
    world.cloud.advance(minutes=6)
    for time, expected in states:
        for after in (timedelta(), timedelta(seconds=59)):
            restore(world, RestoreDateTime=time + after)
            assert rows(world, "copy") == expected
            world.cloud.client("dynamodb").delete_table(TableName="copy")


def test_time_is_rejected_when_it_cannot_be_restored(world: World) -> None:
    world.table()
    with pytest.raises(ClientError, match="PointInTimeRecoveryUnavailable"):
        restore(world, UseLatestRestorableTime=True)
    dynamodb = world.cloud.client("dynamodb")
    dynamodb.update_continuous_backups(TableName="log", **RECOVERY)
    world.cloud.advance(minutes=7)
    described = dynamodb.describe_continuous_backups(TableName="log")["ContinuousBackupsDescription"]
    window = described["PointInTimeRecoveryDescription"]
    assert window["LatestRestorableDateTime"] - window["EarliestRestorableDateTime"] == timedelta(minutes=2)
    for minutes in (3, 8):
        with pytest.raises(ClientError, match="InvalidRestoreTime"):
            restore(world, RestoreDateTime=world.cloud.clock.now() - timedelta(minutes=minutes))
    with pytest.raises(ClientError, match="either"):
        restore(world)


def test_deleted_table_comes_back_from_its_system_backup(world: World) -> None:
    stream = world.table()
    world.function("f", HEAD)
    world.mapping(stream, "f", StartingPosition="TRIM_HORIZON")
    dynamodb = world.cloud.client("dynamodb")
    dynamodb.update_continuous_backups(TableName="log", **RECOVERY)
    world.put("a", "b")
    dynamodb.delete_table(TableName="log")
    (backup,) = dynamodb.list_backups()["BackupSummaries"]
    assert (backup["BackupName"], backup["BackupType"]) == ("log$DeletedTableBackup", "SYSTEM")
    dynamodb.restore_table_from_backup(BackupArn=backup["BackupArn"], TargetTableName="log")
    assert rows(world) == {"a=", "b="}
    restored = dynamodb.describe_table(TableName="log")["Table"]
    assert "LatestStreamArn" not in restored
    view = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    world.cloud.advance(seconds=1)  # the old stream is still read to its end
    dynamodb.update_table(TableName="log", StreamSpecification=view)
    world.put("c")
    world.cloud.settle()
    assert world.cloud.logs("f") == ["a", "b"]
    world.mapping(
        dynamodb.describe_table(TableName="log")["Table"]["LatestStreamArn"],
        "f",
        StartingPosition="TRIM_HORIZON",
    )
    world.cloud.settle()
    assert world.cloud.logs("f") == ["a", "b", "c"]
