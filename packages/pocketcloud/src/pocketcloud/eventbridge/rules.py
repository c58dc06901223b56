"""Validate rules and targets as EventBridge does, and reject what is unsupported offline."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import InvalidEventPatternException, ValidationException

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.core.stubs import Stubs
from pocketcloud.eventbridge.dispatch import is_api_destination
from pocketcloud.eventbridge.http_parameters import paths_of
from pocketcloud.eventbridge.patterns import BUS, InvalidPatternError, compile_pattern
from pocketcloud.eventbridge.retry_policy import retry_policy_error
from pocketcloud.eventbridge.schedule_expressions import next_run
from pocketcloud.eventbridge.target_input import PREDEFINED, placeholders_of, steps_of

_ID = re.compile(r"[.\-_A-Za-z0-9]+")
_MAXIMUM_ID = 64
"""Characters of a target's id."""
_MAXIMUM_TARGETS = 5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SUPPORTED = {
    "Id",
    "Arn",
    "Input",
    "InputPath",
    "InputTransformer",
    "DeadLetterConfig",
    "RetryPolicy",
    # `targets` checks the role's permissions; the delivery itself does not depend on the role.
    "RoleArn",
}
_OWN = {"api-destination": "HttpParameters", "kinesis": "KinesisParameters", "sqs": "SqsParameters"}
"""Parameters of one kind of target."""
RULE_TARGETS = {
    "api-destination": "api-destination/",
    "events": "event-bus/",
    "kinesis": "stream/",
    "lambda": "function:",
    "logs": "log-group:",
    "sns": "",
    "sqs": "",
    "states": "stateMachine:",
}
"""The beginning of the resource in the ARN, by kind of target."""
_MANDATORY = {"id", "account", "source", "time", "region", "detail-type"}
"""Fields of an event that TestEventPattern requires."""
_INPUTS = ("Input", "InputPath", "InputTransformer")


def check_rule(pattern: str | None, schedule: str | None) -> None:
    """Raise if the pattern or the schedule is invalid."""
    if schedule:
        try:
            next_run(schedule, _EPOCH, since=_EPOCH)
        except ValueError as error:
            raise ValidationException("Parameter ScheduleExpression is not valid.") from error
    check_pattern(pattern)


def check_pattern(pattern: str | None) -> None:
    """Raise InvalidEventPatternException if the pattern is invalid."""
    if not pattern:
        return
    try:
        compile_pattern(pattern, BUS)
    except InvalidPatternError as error:
        raise InvalidEventPatternException(reason=str(error)) from error


def is_match(pattern: str, event: str) -> bool:
    """Return the result of TestEventPattern; raise if the pattern or the event is invalid.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
    """
    try:
        read = json.loads(event)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not read.keys() >= _MANDATORY:
        raise ValidationException("Parameter Event is not valid.")
    check_pattern(pattern)
    return compile_pattern(pattern, BUS)(read)


def check_targets(
    rule: str, existing: Sequence[str], targets: Sequence[Mapping[str, Any]], stubs: Stubs
) -> None:
    """Raise if a target is invalid or unsupported, or if there are too many; a placeholder is taken."""
    if len({*existing, *(target["Id"] for target in targets)}) > _MAXIMUM_TARGETS:
        raise JsonRESTError(
            "LimitExceededException", "The requested resource exceeds the maximum number allowed."
        )
    for number, target in enumerate(targets, start=1):
        _check_id(target["Id"], number)
        if stubs.reason(target["Arn"]) is None:
            _check_kind(rule, target)
        _check_input(target)
        if (fault := retry_policy_error(target.get("RetryPolicy", {}))) is not None:
            raise ValidationException(fault)


def _check_id(target_id: str, number: int) -> None:
    """Raise ValidationException for an id that PutTargets rejects."""
    failed = (
        f"1 validation error detected: Value '{target_id}' at 'targets.{number}.member.id' failed to satisfy"
    )
    if not _ID.fullmatch(target_id):
        pattern = "Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+"
        raise ValidationException(f"{failed} constraint: {pattern}")
    if len(target_id) > _MAXIMUM_ID:
        raise ValidationException(
            f"{failed} constraint: Member must have length less than or equal to {_MAXIMUM_ID}"
        )


def is_archive(arn: str) -> bool:
    """Return whether the ARN is the target of an archive's own rule, as moto writes it."""
    return arn.split(":")[2] == "events" and arn.endswith(":::")


def _check_kind(rule: str, target: Mapping[str, Any]) -> None:
    arn = target["Arn"]
    service, resource = arn.split(":")[2], arn.split(":", 5)[-1]
    service = "api-destination" if is_api_destination(arn) else service
    unknown = sorted(set(target) - _SUPPORTED - {_OWN.get(service)})
    if unknown:
        raise UnsupportedOfflineError(f"rule {rule}: unsupported target parameters: {unknown}")
    if not is_archive(arn) and not resource.startswith(RULE_TARGETS.get(service, ())):
        raise UnsupportedOfflineError(f"rule {rule}: unsupported kind of target: {arn}")
    if service in {"kinesis", "states"} and "RoleArn" not in target:
        raise ValidationException(f"RoleArn is required for target {arn}.")


def _check_input(target: Mapping[str, Any]) -> None:
    if len([name for name in _INPUTS if name in target]) > 1:
        names = "Input, InputPath, or InputTransformer"
        raise ValidationException(f"Only one of {names} must be provided for target {target['Id']}.")
    if "Input" in target:
        _check_json(target["Id"], target["Input"])
    transformer = target.get("InputTransformer", {})
    paths = transformer.get("InputPathsMap", {})
    for name in sorted(placeholders_of(transformer.get("InputTemplate", "")) - PREDEFINED - paths.keys()):
        raise ValidationException(
            f"InputTemplate for target {target['Id']} contains invalid placeholder {name}."
        )
    dynamic = paths_of(target.get("HttpParameters", {}))
    key = target.get("KinesisParameters", {}).get("PartitionKeyPath", "$")
    for path in [*paths.values(), *dynamic, target.get("InputPath", "$"), key]:
        try:
            steps_of(path)
        except ValueError as error:
            raise ValidationException(f"Parameter {path} is not valid. Reason: {error}") from error


def _check_json(target_id: str, text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise ValidationException(f"JSON syntax error in input for target {target_id}: {error}") from error
