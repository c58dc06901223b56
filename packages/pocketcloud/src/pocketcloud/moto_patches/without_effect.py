"""Requests that moto accepts although nothing would ever happen: each is rejected by name."""

from collections.abc import Callable
from typing import NoReturn

from moto.dynamodb.responses import DynamoHandler
from moto.logs.models import LogsBackend
from moto.s3.models import S3Backend
from moto.ses.models import SESBackend

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch


def patches() -> list[MotoPatch]:
    """Return a patch for each of these operations."""
    return [*(_patch(*each) for each in _REJECTED), _replicas()]


def _patch(owner: type, name: str, parameters: str, what: str) -> MotoPatch:
    def reject(_: object, __: Call) -> NoReturn:
        raise UnsupportedOfflineError(f"{what} not supported offline")

    return MotoPatch(owner, name, parameters, reject)


def _replicas() -> MotoPatch:
    original: Callable[[DynamoHandler], object] = DynamoHandler.update_table

    def update_table(handler: DynamoHandler, _: Call) -> object:
        if handler.body.get("ReplicaUpdates"):
            raise UnsupportedOfflineError("tables with replicas in other regions are not supported offline")
        return original(handler)

    return MotoPatch(DynamoHandler, "update_table", "self", update_table)


_REJECTED = (
    (
        LogsBackend,
        "put_metric_filter",
        "self filter_name filter_pattern log_group_name metric_transformations",
        "metric filters of logs are",
    ),
    (
        LogsBackend,
        "put_subscription_filter",
        "self log_group_name filter_name filter_pattern destination_arn role_arn",
        "subscription filters of logs are",
    ),
    (
        S3Backend,
        "put_bucket_replication",
        "self bucket_name replication",
        "the replication of buckets is",
    ),
    (
        SESBackend,
        "create_configuration_set_event_destination",
        "self configuration_set_name event_destination",
        "event destinations of emails are",
    ),
)
