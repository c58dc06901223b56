"""Validate event source mappings as Lambda does, and reject unsupported options."""

from collections.abc import Mapping
from typing import Any

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.batch_response import REPORT_BATCH_ITEM_FAILURES
from pocketcloud.awslambda.tumbling_window import MAXIMUM_SECONDS
from pocketcloud.core.engine import Engine, UnsupportedOfflineError, function_in, name_in
from pocketcloud.eventbridge.patterns import MAPPING, InvalidPatternError, compile_pattern
from pocketcloud.kinesis.read import read_time
from pocketcloud.kinesis.streams import DataStreams
from pocketcloud.mq.broker_mapping import check_broker_options, is_broker
from pocketcloud.sqs.message_checks import setting

_COMMON = {
    "EventSourceArn",
    "FunctionName",
    "Enabled",
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "FilterCriteria",
    "FunctionResponseTypes",
    "Tags",
    # moto adds the following three before it stores the mapping.
    "RegionName",
    "AccountId",
    "FunctionArn",
}
_OF_QUEUES = _COMMON | {
    # The offline cloud runs one batch at a time, which is within any limit.
    "ScalingConfig"
}
_OF_STREAMS = _COMMON | {
    "StartingPosition",
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "DestinationConfig",
    "ParallelizationFactor",
    "TumblingWindowInSeconds",
}
_OF_KINESIS = _OF_STREAMS | {"StartingPositionTimestamp"}
_OF_KAFKA = (_OF_STREAMS - {"EventSourceArn", "ParallelizationFactor", "TumblingWindowInSeconds"}) | {
    "Topics",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    # One poller at a time, which is within any limit.
    "ProvisionedPollerConfig",
}
_OF_MSK = _OF_KAFKA - {"SelfManagedEventSource", "SelfManagedKafkaEventSourceConfig"} | {
    "EventSourceArn",
    "AmazonManagedKafkaEventSourceConfig",
}
_PROVISIONED_ONLY = {
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "FunctionResponseTypes",
}
_KAFKA_ACCESS = {
    "BASIC_AUTH",
    "SASL_SCRAM_256_AUTH",
    "SASL_SCRAM_512_AUTH",
    # There is no network offline.
    "VPC_SECURITY_GROUP",
    "VPC_SUBNET",
}
_OF_BROKERS = _COMMON - {"FunctionResponseTypes"} | {"Queues", "SourceAccessConfigurations"}
OPTIONS = {"sqs": _OF_QUEUES, "dynamodb": _OF_STREAMS, "kinesis": _OF_KINESIS, "mq": _OF_BROKERS}
"""The options of a mapping by the service of its source."""
_MAX_BATCH_WITHOUT_WINDOW = 10
_MAXIMUM_LANES = 10
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"""
_POSITIONS = ("LATEST", "AT_TIMESTAMP", "TRIM_HORIZON")
_DESTINATIONS = frozenset({"s3", "sns", "sqs"})


def check_request(options: Mapping[str, Any], engine: Engine) -> None:
    """Raise LambdaClientError for a request to create a mapping that Lambda rejects before any other check.

    https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    """
    source: str = options.get("EventSourceArn") or ""
    destination = options.get("DestinationConfig") or {}
    if destination.get("OnSuccess") or (destination.get("OnFailure") and ":sqs:" in source):
        raise _invalid("Unsupported DestinationConfig parameter for given event source mapping type.")
    if not source and not options.get("SelfManagedEventSource"):
        raise _invalid("Unrecognized event source.")
    if is_broker(source):
        check_broker_options(options)
    if not source or source.split(":")[2] in {"dynamodb", "kafka", "kinesis"}:
        _check_position(source, options.get("StartingPosition"))
    _check_range(options, "ParallelizationFactor", 1, _MAXIMUM_LANES)
    _check_range(options, "TumblingWindowInSeconds", 0, MAXIMUM_SECONDS)
    if options.get("StartingPosition") == "AT_TIMESTAMP":
        _check_timestamp(options.get("StartingPositionTimestamp"), engine)
    try:
        engine.functions.get_function(function_in(options.get("FunctionName") or ""))
    except LambdaClientError:
        raise _invalid("Function does not exist") from None


def _check_range(options: Mapping[str, Any], name: str, lowest: int, highest: int) -> None:
    value = options.get(name, lowest)
    if value not in range(lowest, highest + 1):
        limit = f"less than or equal to {highest}" if value > lowest else f"greater than or equal to {lowest}"
        failed = f"1 validation error detected: Value '{value}' at '{name[0].lower()}{name[1:]}' failed to"
        message = f"{failed} satisfy constraint: Member must have value {limit}"
        raise LambdaClientError("ValidationException", message)


def check_kafka(options: Mapping[str, Any]) -> None:
    """Raise LambdaClientError for options that Lambda rejects of a cluster of Kafka.

    UnsupportedOfflineError for those that are not supported offline.
    https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html
    """
    known = _OF_MSK if options.get("EventSourceArn") else _OF_KAFKA
    unknown = sorted(name for name, value in options.items() if value and name not in known)
    if unknown:
        raise UnsupportedOfflineError(f"mapping of a Kafka topic: unsupported options: {unknown}")
    if len(options.get("Topics") or ()) != 1:
        raise _invalid("Topics: a mapping reads exactly one topic.")
    endpoints = (options.get("SelfManagedEventSource") or {}).get("Endpoints") or {}
    if not (options.get("EventSourceArn") or endpoints.get("KAFKA_BOOTSTRAP_SERVERS")):
        raise _invalid("SelfManagedEventSource: KAFKA_BOOTSTRAP_SERVERS is missing.")
    given = sorted(name for name in _PROVISIONED_ONLY if options.get(name))
    if given and not options.get("ProvisionedPollerConfig"):
        raise _invalid(f"{', '.join(given)} requires provisioned mode.")
    kinds = {each["Type"] for each in options.get("SourceAccessConfigurations") or ()}
    if other := sorted(kinds - _KAFKA_ACCESS):
        raise UnsupportedOfflineError(f"mapping of a Kafka topic: authentication by {', '.join(other)}")
    if options.get("StartingPosition") == "AT_TIMESTAMP":
        raise UnsupportedOfflineError("mapping of a Kafka topic: StartingPosition AT_TIMESTAMP")
    _check_destination("a Kafka topic", options.get("DestinationConfig") or {})
    _check_filters(options.get("FilterCriteria") or {})


def _check_position(source: str, position: str | None) -> None:
    shown = "null" if position is None else repr(position)
    failed = f"1 validation error detected: Value {shown} at 'startingPosition' failed to satisfy constraint:"
    if position is None:
        raise _invalid(f"{failed} Member must not be null.")
    if position not in _POSITIONS:
        allowed = f"Member must satisfy enum value set: [{', '.join(_POSITIONS)}]"
        raise LambdaClientError("ValidationException", f"{failed} {allowed}")
    if position == "AT_TIMESTAMP" and ":dynamodb:" in source:
        raise _invalid(f"Unsupported starting position for arn type: {source}")


def _check_timestamp(timestamp: object, engine: Engine) -> None:
    if timestamp is None:
        raise _invalid("StartingPositionTimestamp is required when StartingPosition is AT_TIMESTAMP.")
    if read_time(timestamp) > engine.clock.now():
        raise _invalid("StartingPositionTimestamp must not be in the future.")


def check_options(source_arn: str, options: Mapping[str, Any]) -> None:
    """Raise UnsupportedOfflineError if an option is unsupported."""
    service = source_arn.split(":")[2]
    known = OPTIONS.get(service)
    if known is None:
        raise UnsupportedOfflineError(f"event source mappings from {service} are not supported offline")
    # Ignore options that are switched off.
    unknown = sorted(name for name, value in options.items() if value and name not in known)
    if unknown:
        raise UnsupportedOfflineError(f"mapping of {source_arn}: unsupported options: {unknown}")
    _check_destination(source_arn, options.get("DestinationConfig") or {})
    _check_filters(options.get("FilterCriteria") or {})


def check_source(source_arn: str, engine: Engine, streams: DataStreams) -> None:
    """Raise LambdaClientError if the mapping's queue or stream does not exist."""
    service = source_arn.split(":")[2]
    if service == "mq":
        return  # a broker outside the assembly
    if service == "kinesis":
        if streams.find(source_arn) is None:
            raise _invalid(f"Stream not found: {source_arn}")
        return
    if service == "dynamodb":
        tables = engine.dynamodb.tables.values()
        if all(f"{table.table_arn}/stream/{table.latest_stream_label}" != source_arn for table in tables):
            raise _invalid(f"Stream not found: {source_arn}")
        return
    queue = engine.sqs.queues.get(name_in(source_arn))
    if queue is None or queue.queue_arn != source_arn:
        raise _invalid(
            "Error occurred while ReceiveMessage. SQS Error Code:"
            " AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist."
        )


def check_mapping(mapping: EventSourceMapping, engine: Engine) -> None:
    """Raise LambdaClientError if the mapping's options do not fit its queue."""
    unknown = set(mapping.function_response_types or []) - {REPORT_BATCH_ITEM_FAILURES}
    if unknown:
        raise _invalid(f"FunctionResponseTypes: {sorted(unknown)}")
    if mapping.tumbling_window and (mapping.parallelization_factor or 1) > 1:
        raise _invalid("A tumbling window needs a ParallelizationFactor of 1.")
    if mapping.event_source_arn.split(":")[2] != "sqs":
        return
    is_fifo = mapping.event_source_arn.endswith(".fifo")
    if is_fifo and (mapping.batch_size > _MAX_BATCH_WITHOUT_WINDOW or mapping.max_batch_window):
        raise _invalid("A FIFO queue allows a batch size of at most 10 and no batching window")
    if mapping.batch_size > _MAX_BATCH_WITHOUT_WINDOW and not mapping.max_batch_window:
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
    destination = (config.get("OnFailure") or {}).get("Destination")
    if destination and destination.split(":")[2] not in _DESTINATIONS:
        raise UnsupportedOfflineError(f"mapping of {source_arn}: on-failure destination {destination}")


def _check_filters(criteria: Mapping[str, Any]) -> None:
    for chosen in criteria.get("Filters", []):
        try:
            compile_pattern(chosen["Pattern"], MAPPING)
        except InvalidPatternError as error:
            raise _invalid("Invalid filter pattern definition.") from error


def _invalid(message: str) -> LambdaClientError:
    return LambdaClientError("InvalidParameterValueException", message)
