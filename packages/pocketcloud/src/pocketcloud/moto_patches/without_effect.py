"""Requests that moto accepts although nothing would ever happen: each is rejected by name."""

import json
from collections.abc import Callable
from typing import Any, NoReturn

from moto.cognitoidp.responses import CognitoIdpResponse
from moto.dynamodb.responses import DynamoHandler
from moto.logs.models import LogsBackend
from moto.s3.models import S3Backend
from moto.ses.models import SESBackend

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch


def patches() -> list[MotoPatch]:
    """Return a patch for each of these operations."""
    return [*(_patch(*each) for each in _REJECTED), *(_patch_member(*each) for each in _REJECTED_MEMBERS)]


def _patch(owner: type, name: str, parameters: str, what: str) -> MotoPatch:
    def reject(_: object, __: Call) -> NoReturn:
        raise UnsupportedOfflineError(f"{what} not supported offline")

    return MotoPatch(owner, name, parameters, reject)


def _patch_member(owner: type, name: str, member: str, what: str) -> MotoPatch:
    """Return a patch that rejects the requests with this member."""
    original: Callable[[Any], object] = getattr(owner, name)

    def respond(response: Any, _: Call) -> object:
        body = response.body
        if (body if isinstance(body, dict) else json.loads(body)).get(member):
            raise UnsupportedOfflineError(f"{what} not supported offline")
        return original(response)

    return MotoPatch(owner, name, "self", respond)


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
_REJECTED_MEMBERS = (
    (DynamoHandler, "update_table", "ReplicaUpdates", "tables with replicas in other regions are"),
    (CognitoIdpResponse, "create_user_pool", "LambdaConfig", "triggers of user pools are"),
    (CognitoIdpResponse, "update_user_pool", "LambdaConfig", "triggers of user pools are"),
)
