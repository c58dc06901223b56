"""Validate pipes, and reject the kinds of sources, targets and options that are not supported.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
"""

from collections.abc import Mapping
from typing import Any

from moto.pipes.exceptions import ValidationException

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError
from pocketcloud.eventbridge.patterns import MAPPING, compile_pattern

MAXIMUM_BATCH = 10
"""Messages in a batch without a batching window."""
_SOURCE = frozenset({"FilterCriteria", "SqsQueueParameters"})
_TARGETS = {
    "events": "EventBridgeEventBusParameters",
    "lambda": "LambdaFunctionParameters",
    "sns": "",
    "sqs": "SqsQueueParameters",
}
"""The parameters of each kind of target."""
_EVENT = frozenset({"DetailType", "Resources", "Source"})


def check_pipe(options: Mapping[str, Any]) -> None:
    """Raise for a pipe that EventBridge rejects, or that is not supported."""
    name = options["name"]
    source, target = options["source"], options["target"] or ""
    if source and source.split(":")[2] != "sqs":
        raise UnsupportedOfflineError(f"pipe {name}: sources other than queues are not supported: {source}")
    if target and target.split(":")[2] not in _TARGETS:
        raise UnsupportedOfflineError(f"pipe {name}: unsupported kind of target: {target}")
    if options["enrichment"]:
        raise UnsupportedOfflineError(f"pipe {name}: enrichment is not supported")
    _check_source(name, options["source_parameters"] or {})
    if target:
        _check_target(name, target, options["target_parameters"] or {})


def _check_source(name: str, parameters: Mapping[str, Any]) -> None:
    _reject(name, set(parameters) - _SOURCE)
    queue = parameters.get("SqsQueueParameters", {})
    if queue.get("BatchSize", 0) > MAXIMUM_BATCH and not queue.get("MaximumBatchingWindowInSeconds"):
        raise ValidationException("A batch of more than 10 messages needs MaximumBatchingWindowInSeconds.")
    for chosen in parameters.get("FilterCriteria", {}).get("Filters", []):
        try:
            compile_pattern(chosen["Pattern"], MAPPING)
        except InvalidPatternError as error:
            raise ValidationException(f"Invalid filter pattern: {error}") from error


def _check_target(name: str, target: str, parameters: Mapping[str, Any]) -> None:
    service = target.split(":")[2]
    _reject(name, {each for each, value in parameters.items() if value and each != _TARGETS[service]})
    own = parameters.get(_TARGETS[service], {})
    if service == "lambda" and own.get("InvocationType", "REQUEST_RESPONSE") != "REQUEST_RESPONSE":
        raise UnsupportedOfflineError(f"pipe {name}: InvocationType {own['InvocationType']}")
    if service == "events":
        _reject(name, set(own) - _EVENT)
    if any(str(value).startswith("$.") for value in own.values()):
        raise UnsupportedOfflineError(f"pipe {name}: dynamic path parameters are not supported")
    if target.endswith(".fifo") and not own.get("MessageGroupId"):
        raise UnsupportedOfflineError(f"pipe {name}: a FIFO target needs SqsQueueParameters.MessageGroupId")


def _reject(name: str, options: set[str]) -> None:
    if options:
        raise UnsupportedOfflineError(f"pipe {name}: unsupported options: {', '.join(sorted(options))}")
