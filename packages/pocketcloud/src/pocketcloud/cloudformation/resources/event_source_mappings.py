"""Lambda event source mappings, with Lambda's checks on creation."""

import json
from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType
from pocketcloud.cloudformation.resources.sqs import FIFO, require_queue

MAX_BATCH_WITHOUT_WINDOW = 10
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"""
DEFAULT_TIMEOUT_SECONDS = 3
MAPPING = (
    "AmazonManagedKafkaEventSourceConfig",
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Topics",
    "TumblingWindowInSeconds",
)


def _create_mapping(request: CreateRequest) -> Created:
    source: str = request.properties.get("EventSourceArn", "")
    if ":sqs:" in source:
        _check_queue(request, require_queue(request, source))
        _check_batch(request.properties, fifo=source.endswith(FIFO))
    _check_filters(request.properties)
    destination = request.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    if ":sqs:" in destination:
        require_queue(request, destination)
    response = request.client("lambda").create_event_source_mapping(**_as_api_names(request.pick(*MAPPING)))
    arn = request.account.arn("lambda", f"event-source-mapping:{response['UUID']}")
    return Created(ref=response["UUID"], attributes={"Id": response["UUID"], "EventSourceMappingArn": arn})


def _as_api_names(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the API's key of a cluster's servers, which CloudFormation spells otherwise.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-eventsourcemapping-endpoints.html
    """
    if "SelfManagedEventSource" not in options:
        return options
    servers = options["SelfManagedEventSource"]["Endpoints"]["KafkaBootstrapServers"]
    endpoints = {"Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": servers}}
    return {**options, "SelfManagedEventSource": endpoints}


def _check_queue(request: CreateRequest, url: str) -> None:
    response = request.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    visibility = int(response["Attributes"]["VisibilityTimeout"])
    function = request.client("lambda").get_function_configuration(
        FunctionName=request.properties["FunctionName"]
    )
    timeout = function.get("Timeout", DEFAULT_TIMEOUT_SECONDS)
    if visibility < timeout:
        raise ResourceError(
            f"EventSourceArn: the queue's visibility timeout of {visibility} s is shorter than"
            f" the function's timeout of {timeout} s"
        )


def _check_batch(properties: Mapping[str, Any], *, fifo: bool) -> None:
    batch = properties.get("BatchSize", MAX_BATCH_WITHOUT_WINDOW)
    window = properties.get("MaximumBatchingWindowInSeconds", 0)
    if fifo and (batch > MAX_BATCH_WITHOUT_WINDOW or window):
        raise ResourceError("BatchSize: the maximum for a FIFO queue is 10, without a batching window")
    if batch > MAX_BATCH_WITHOUT_WINDOW and not window:
        raise ResourceError(
            f"BatchSize: {batch} is above 10 and needs MaximumBatchingWindowInSeconds of at least 1"
        )


def _check_filters(properties: Mapping[str, Any]) -> None:
    for entry in properties.get("FilterCriteria", {}).get("Filters", []):
        try:
            json.loads(entry["Pattern"])
        except json.JSONDecodeError as error:
            raise ResourceError(f"FilterCriteria: the pattern is not JSON: {error}") from error


TYPES = (
    ResourceType(
        name="AWS::Lambda::EventSourceMapping",
        create=_create_mapping,
        supported=frozenset(MAPPING),
        ignored={
            **TAGS,
            "KmsKeyArn": "filters are not encrypted offline",
            "LoggingConfig": "the journal records what the mapping does",
            "MetricsConfig": "metrics of mappings are not recorded offline",
        },
        not_enforced="every Amazon MQ broker is a RabbitMQ in memory or one that a test attaches, without"
        " a network, and a batch's limit of 6 MB",
    ),
)
