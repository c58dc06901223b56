"""What Lambda refuses when an event source mapping is made or changed, and what is not carried out."""

from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.batch_response import REPORTING
from pocketcloud.core.engine import Engine, UnsupportedOfflineError, name_in
from pocketcloud.eventbridge.patterns import MAPPING, InvalidPatternError, compile_pattern
from pocketcloud.sqs.queues import setting

_COMMON = {
    "EventSourceArn",
    "FunctionName",
    "Enabled",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "FilterCriteria",
    "FunctionResponseTypes",
    "Tags",
    # moto adds these three before it stores the mapping.
    "RegionName",
    "AccountId",
    "FunctionArn",
}
_OF_QUEUES = _COMMON | {
    # One batch at a time is within every limit of concurrency.
    "ScalingConfig"
}
_OF_STREAMS = _COMMON | {
    "StartingPosition",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "DestinationConfig",
    "ParallelizationFactor",
}
_LARGEST_BATCH_WITHOUT_WINDOW = 10


def check_options(source_arn: str, options: Mapping[str, Any]) -> None:
    """Refuse by name what would not be carried out, before the mapping exists."""
    service = source_arn.split(":")[2]
    known = {"sqs": _OF_QUEUES, "dynamodb": _OF_STREAMS}.get(service)
    if known is None:
        raise UnsupportedOfflineError(f"event source mappings from {service} are not carried out offline")
    # A value that says "off" asks for nothing.
    unknown = sorted(name for name, value in options.items() if value and name not in known)
    if unknown:
        raise UnsupportedOfflineError(f"mapping of {source_arn}: not carried out offline: {unknown}")
    if options.get("ParallelizationFactor") not in {None, 1}:
        raise UnsupportedOfflineError(f"mapping of {source_arn}: ParallelizationFactor other than 1")
    if options.get("StartingPosition") not in {None, "TRIM_HORIZON", "LATEST"}:
        raise UnsupportedOfflineError(
            f"mapping of {source_arn}: StartingPosition {options['StartingPosition']}"
        )
    _check_destination(source_arn, options.get("DestinationConfig") or {})
    _check_filters(options.get("FilterCriteria") or {})


def check_mapping(mapping: EventSourceMapping, engine: Engine) -> None:
    """Raise as Lambda does if the mapping as a whole does not fit its queue."""
    unknown = set(mapping.function_response_types or []) - {REPORTING}
    if unknown:
        raise _invalid(f"FunctionResponseTypes: {sorted(unknown)}")
    if mapping.event_source_arn.split(":")[2] != "sqs":
        return
    if mapping.batch_size > _LARGEST_BATCH_WITHOUT_WINDOW and not mapping.max_batch_window:
        raise _invalid(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    queue = engine.sqs.get_queue(name_in(mapping.event_source_arn))
    visibility = setting(queue, "visibility_timeout")
    timeout = int(engine.functions.get_function(mapping.function_arn).timeout)
    if visibility < timeout:
        raise _invalid(
            f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
        )


def _check_destination(source_arn: str, config: Mapping[str, Any]) -> None:
    if config.get("OnSuccess"):
        raise UnsupportedOfflineError(f"mapping of {source_arn}: DestinationConfig.OnSuccess")
    destination = (config.get("OnFailure") or {}).get("Destination")
    if destination and destination.split(":")[2] not in {"sqs", "sns"}:
        raise UnsupportedOfflineError(f"mapping of {source_arn}: on-failure destination {destination}")


def _check_filters(criteria: Mapping[str, Any]) -> None:
    for chosen in criteria.get("Filters", []):
        try:
            compile_pattern(chosen["Pattern"], MAPPING)
        except InvalidPatternError as error:
            raise _invalid(f"Invalid filter pattern definition. {error}") from error


def _invalid(message: str) -> LambdaClientError:
    return LambdaClientError("InvalidParameterValueException", message)
