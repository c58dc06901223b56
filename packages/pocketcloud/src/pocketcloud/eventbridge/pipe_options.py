"""Validate pipes, and reject the kinds of sources, targets and options that are not supported.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html
"""

from collections.abc import Mapping
from typing import Any

from moto.pipes.exceptions import ValidationException

from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.eventbridge.invalid_pattern import InvalidPatternError
from pocketcloud.eventbridge.patterns import MAPPING, compile_pattern
from pocketcloud.eventbridge.pipe_parameters import TARGETS, check_parameters
from pocketcloud.eventbridge.pipe_stream import PARAMETERS
from pocketcloud.eventbridge.pipe_template import check_template
from pocketcloud.kinesis.streams import DataStreams

MAXIMUM_BATCH = 10
"""Messages in a batch without a batching window."""
SOURCES = {**PARAMETERS, "sqs": "SqsQueueParameters"}
"""The parameters of each kind of source."""
_POSITIONS = {"dynamodb": ("LATEST", "TRIM_HORIZON"), "kinesis": ("AT_TIMESTAMP", "LATEST", "TRIM_HORIZON")}
_MAXIMUM_SENT = 10
"""Records in a batch to a queue, a topic or a bus."""
_EVENT = frozenset({"DetailType", "Resources", "Source"})


def check_pipe(options: Mapping[str, Any]) -> None:
    """Raise for a pipe that EventBridge rejects, or that is not supported."""
    name = options["name"]
    source, target = options["source"], options["target"] or ""
    if source.split(":")[2] not in SOURCES:
        raise UnsupportedOfflineError(f"pipe {name}: unsupported kind of source: {source}")
    if target and target.split(":")[2] not in TARGETS:
        raise UnsupportedOfflineError(f"pipe {name}: unsupported kind of target: {target}")
    _check_enrichment(name, options["enrichment"] or "", options["enrichment_parameters"] or {})
    _check_source(name, source.split(":")[2], options["source_parameters"] or {})
    if target:
        _check_target(name, target, options["target_parameters"] or {})
        _check_batch(source.split(":")[2], target, options["source_parameters"] or {})


def check_stream(options: Mapping[str, Any], engine: Engine, streams: DataStreams) -> None:
    """Raise ValidationException if the pipe's stream or its starting position does not exist."""
    source: str = options["source"]
    service = source.split(":")[2]
    if service not in PARAMETERS:
        return
    given = (options["source_parameters"] or {}).get(PARAMETERS[service]) or {}
    if given.get("StartingPosition") not in _POSITIONS[service]:
        raise ValidationException(f"{PARAMETERS[service]} needs a StartingPosition of this kind of stream.")
    tables = engine.dynamodb.tables.values()
    labels = [f"{table.table_arn}/stream/{table.latest_stream_label}" for table in tables]
    if source not in labels and (service == "dynamodb" or streams.find(source) is None):
        raise ValidationException(f"Stream not found: {source}")


def _check_enrichment(name: str, arn: str, parameters: Mapping[str, Any]) -> None:
    if arn and arn.split(":")[2] != "lambda":
        raise UnsupportedOfflineError(f"pipe {name}: unsupported kind of enrichment: {arn}")
    _reject(name, {each for each, value in parameters.items() if value and each != "InputTemplate"})
    check_template(name, parameters.get("InputTemplate") or "")


def _check_source(name: str, service: str, parameters: Mapping[str, Any]) -> None:
    _reject(name, set(parameters) - {"FilterCriteria", SOURCES[service]})
    queue = parameters.get("SqsQueueParameters", {})
    if queue.get("BatchSize", 0) > MAXIMUM_BATCH and not queue.get("MaximumBatchingWindowInSeconds"):
        raise ValidationException("A batch of more than 10 messages needs MaximumBatchingWindowInSeconds.")
    for chosen in parameters.get("FilterCriteria", {}).get("Filters", []):
        try:
            compile_pattern(chosen["Pattern"], MAPPING)
        except InvalidPatternError as error:
            raise ValidationException(f"Invalid filter pattern: {error}") from error


def _check_batch(service: str, target: str, parameters: Mapping[str, Any]) -> None:
    """Raise ValidationException for larger batches of records than the target takes."""
    size = (parameters.get(PARAMETERS.get(service, "")) or {}).get("BatchSize", 0)
    if size > _MAXIMUM_SENT and target.split(":")[2] != "lambda":
        raise ValidationException(f"BatchSize {size}: the target takes at most {_MAXIMUM_SENT} records.")


def _check_target(name: str, target: str, parameters: Mapping[str, Any]) -> None:
    service = target.split(":")[2]
    known = {TARGETS[service], "InputTemplate"}
    _reject(name, {each for each, value in parameters.items() if value and each not in known})
    check_template(name, parameters.get("InputTemplate") or "")
    own = parameters.get(TARGETS[service], {})
    if service == "lambda" and own.get("InvocationType", "REQUEST_RESPONSE") != "REQUEST_RESPONSE":
        raise UnsupportedOfflineError(f"pipe {name}: InvocationType {own['InvocationType']}")
    if service == "events":
        _reject(name, set(own) - _EVENT)
    if service == "kinesis" and not own.get("PartitionKey"):
        raise ValidationException("KinesisStreamParameters needs a PartitionKey.")
    check_parameters(name, own)
    if target.endswith(".fifo") and not own.get("MessageGroupId"):
        raise UnsupportedOfflineError(f"pipe {name}: a FIFO target needs SqsQueueParameters.MessageGroupId")


def _reject(name: str, options: set[str]) -> None:
    if options:
        raise UnsupportedOfflineError(f"pipe {name}: unsupported options: {', '.join(sorted(options))}")
