"""Backups of DynamoDB tables: point-in-time recovery in virtual time, and the backup of a deleted table.

A restored table is complete at once; on AWS it takes from minutes to hours. As on AWS it has no stream, no
time to live, no point-in-time recovery, no deletion protection and no tags until they are set.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreTableToPointInTime.html
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import (
    DynamodbException,
    MockValidationException,
    PointInTimeRecoveryUnavailable,
    SourceTableNotFoundException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Backup, RestoredPITTable, RestoredTable, Table
from moto.dynamodb.responses import DynamoHandler

from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.dynamodb.row_history import (
    RowHistory,
    disable_history,
    enable_history,
    history_of,
)
from pocketcloud.dynamodb.sorted_rows import forget_rows
from pocketcloud.dynamodb.write_plan import Key
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch

_INVALID_TIME = "com.amazonaws.dynamodb.v20120810#InvalidRestoreTimeException"
_SUPPORTED = frozenset(
    {"SourceTableName", "SourceTableArn", "TargetTableName", "RestoreDateTime", "UseLatestRestorableTime"}
)
SYSTEM_BACKUP = "{}$DeletedTableBackup"
"""The name of the backup that DynamoDB makes of a deleted table with point-in-time recovery."""


def patches(engine: Engine) -> list[MotoPatch]:
    """Return the patches to moto's backups."""
    return [*_recovery_patches(engine), _deletion_patch(engine), _stream_patch(engine), *_restored_patches()]


def _recovery_patches(engine: Engine) -> list[MotoPatch]:
    update = DynamoDBBackend.update_continuous_backups
    describe = DynamoDBBackend.describe_continuous_backups

    def described(table: Table, description: dict[str, Any]) -> dict[str, Any]:
        if (history := history_of(table)) is not None:
            description["PointInTimeRecoveryDescription"] |= {
                "EarliestRestorableDateTime": history.since.timestamp(),
                "LatestRestorableDateTime": history.latest.timestamp(),
            }
        return description

    def update_continuous_backups(backend: DynamoDBBackend, call: Call) -> dict[str, Any]:
        description, table = update(backend, **call), backend.get_table(call["table_name"])
        if not call["point_in_time_spec"]["PointInTimeRecoveryEnabled"]:
            disable_history(table)
        elif history_of(table) is None:
            enable_history(table, engine.clock)
        return described(table, description)

    def describe_continuous_backups(backend: DynamoDBBackend, call: Call) -> dict[str, Any]:
        description = describe(backend, **call)
        return described(backend.get_table(call["table_name"]), description)

    def restore(handler: DynamoHandler, _: Call) -> ActionResult:
        table = _restore(handler.dynamodb_backend, handler.body)
        return ActionResult(table.describe())

    return [
        MotoPatch(
            DynamoDBBackend,
            "update_continuous_backups",
            "self table_name point_in_time_spec",
            update_continuous_backups,
        ),
        MotoPatch(
            DynamoDBBackend, "describe_continuous_backups", "self table_name", describe_continuous_backups
        ),
        MotoPatch(DynamoHandler, "restore_table_to_point_in_time", "self", restore),
    ]


def _restore(backend: DynamoDBBackend, request: Mapping[str, Any]) -> Table:
    if unsupported := request.keys() - _SUPPORTED:
        raise UnsupportedOfflineError(f"RestoreTableToPointInTime: {sorted(unsupported)}")
    name = request.get("SourceTableName") or request["SourceTableArn"].rpartition("/")[2]
    source = backend.tables.get(name)
    if source is None:
        raise SourceTableNotFoundException(name)
    history = history_of(source)
    if history is None:
        raise PointInTimeRecoveryUnavailable(name)
    time = _time(request, history)
    table = backend.restore_table_to_point_in_time(request["TargetTableName"], name)
    table.items.clear()
    forget_rows(table)
    for row in history.rows_at(time):
        Key(table, row.hash_key, row.range_key).write(row)
    table.restore_date_time = time
    return table


def _time(request: Mapping[str, Any], history: RowHistory) -> datetime:
    wanted = request.get("RestoreDateTime")
    if (wanted is None) != bool(request.get("UseLatestRestorableTime")):
        raise MockValidationException("Specify either RestoreDateTime or UseLatestRestorableTime")
    if wanted is None:
        return history.latest
    time: datetime = wanted.replace(tzinfo=UTC)  # to the second: botocore sends no fraction
    if not history.since <= time <= history.latest:
        message = f"{time} is not between {history.since} and {history.latest}"
        raise DynamodbException(_INVALID_TIME, message)
    return time


def _deletion_patch(engine: Engine) -> MotoPatch:
    original = DynamoDBBackend.delete_table

    def delete_table(backend: DynamoDBBackend, call: Call) -> Table:
        table = original(backend, **call)
        if history_of(table) is not None:
            name = SYSTEM_BACKUP.format(table.name)
            backup = Backup(backend.account_id, backend.region_name, name, table, type_="SYSTEM")
            backend.backups[backup.arn] = backup
        _close_stream(engine, table)
        return table

    return MotoPatch(DynamoDBBackend, "delete_table", "self name", delete_table)


def _stream_patch(engine: Engine) -> MotoPatch:
    original = Table.set_stream_specification

    def set_stream_specification(table: Table, call: Call) -> None:
        # moto keeps a disabled stream as the table's own, and never enables another.
        original(table, **call)
        if not (table.stream_specification or {}).get("StreamEnabled"):
            _close_stream(engine, table)

    return MotoPatch(Table, "set_stream_specification", "self streams", set_stream_specification)


def _close_stream(engine: Engine, table: Table) -> None:
    """Leave the stream readable without its table."""
    if table.stream_shard is not None:
        engine.closed_streams[f"{table.table_arn}/stream/{table.latest_stream_label}"] = table.stream_shard
    table.stream_shard, table.latest_stream_label = None, None


def _restored_patches() -> list[MotoPatch]:
    """Keep the billing mode, which moto drops."""
    by_time, by_backup = (
        DynamoDBBackend.restore_table_to_point_in_time,
        DynamoDBBackend.restore_table_from_backup,
    )

    def restore_to_time(backend: DynamoDBBackend, call: Call) -> RestoredPITTable:
        table = by_time(backend, **call)
        table.billing_mode = backend.tables[call["source_table_name"]].billing_mode
        return table

    def restore_from_backup(backend: DynamoDBBackend, call: Call) -> RestoredTable:
        table = by_backup(backend, **call)
        table.billing_mode = backend.backups[call["backup_arn"]].table.billing_mode
        return table

    return [
        MotoPatch(
            DynamoDBBackend,
            "restore_table_to_point_in_time",
            "self target_table_name source_table_name",
            restore_to_time,
        ),
        MotoPatch(
            DynamoDBBackend,
            "restore_table_from_backup",
            "self target_table_name backup_arn",
            restore_from_backup,
        ),
    ]
