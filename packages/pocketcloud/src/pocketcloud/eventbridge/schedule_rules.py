"""Check a schedule of EventBridge Scheduler as AWS does, and reject what is unsupported offline.

https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from moto.scheduler.exceptions import ValidationException

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.retry_policy import retry_policy_error
from pocketcloud.eventbridge.schedule_expressions import next_run

_SUPPORTED = {"Arn", "RoleArn", "Input", "RetryPolicy", "DeadLetterConfig", "EventBridgeParameters"}
SCHEDULE_TARGETS = {"events", "kinesis", "lambda", "sns", "sqs", "states"}
_OWN = {"kinesis": "KinesisParameters", "sqs": "SqsParameters"}
_MAXIMUM_WINDOW_MINUTES = 1440
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def check_schedule(
    name: str, expression: str, zone: str | None, window: Mapping[str, Any], target: Mapping[str, Any]
) -> None:
    """Raise ValidationException for an invalid schedule, UnsupportedOfflineError for an unsupported one."""
    try:
        next_run(expression, _EPOCH, since=_EPOCH, zone=zone_of(zone))
    except (ValueError, ZoneInfoNotFoundError) as error:
        raise ValidationException(f"Invalid Schedule Expression {expression}.") from error
    _check_window(window)
    if (fault := retry_policy_error(target.get("RetryPolicy", {}))) is not None:
        raise ValidationException(fault)
    _check_target(name, target)


def zone_of(name: str | None) -> ZoneInfo:
    """Return the time zone; UTC if none is named."""
    return ZoneInfo(name or "UTC")


def _check_window(window: Mapping[str, Any]) -> None:
    minutes = window.get("MaximumWindowInMinutes")
    if window["Mode"] == "OFF":
        if minutes is not None:
            raise ValidationException("MaximumWindowInMinutes must not be set when the mode is OFF.")
    elif not 1 <= (minutes or 0) <= _MAXIMUM_WINDOW_MINUTES:
        raise ValidationException(f"MaximumWindowInMinutes must be 1 to {_MAXIMUM_WINDOW_MINUTES}.")


def _check_target(name: str, target: Mapping[str, Any]) -> None:
    service = target["Arn"].split(":")[2]
    if unknown := sorted(target.keys() - _SUPPORTED - {_OWN.get(service)}):
        raise UnsupportedOfflineError(f"schedule {name}: unsupported target parameters: {unknown}")
    if service not in SCHEDULE_TARGETS:
        raise UnsupportedOfflineError(f"schedule {name}: unsupported kind of target: {target['Arn']}")
    if service == "events" and "EventBridgeParameters" not in target:
        raise ValidationException("EventBridgeParameters must be specified for an event bus.")
    if service in {"events", "lambda", "states"} and not _is_json(target.get("Input", "{}")):
        raise ValidationException("Input must be a well-formed JSON for this kind of target.")
    if service == "kinesis" and not target.get("KinesisParameters", {}).get("PartitionKey"):
        raise ValidationException("KinesisParameters with a PartitionKey must be specified for a stream.")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
