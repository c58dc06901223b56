"""Lambda event source mappings, with the checks that Lambda makes when one is created."""

import json
from collections.abc import Mapping
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType
from pocketcloud.cloudformation.resources.sqs import FIFO, require_queue

LARGEST_UNWINDOWED_BATCH = 10
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html"""
DEFAULT_TIMEOUT = 3
PASSED = (
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
    "ScalingConfig",
    "StartingPosition",
    "TumblingWindowInSeconds",
)


def _create_mapping(request: CreateRequest) -> Created:
    source: str = request.properties["EventSourceArn"]
    if ":sqs:" in source:
        _check_queue(request, require_queue(request, source))
        _check_batch(request.properties, fifo=source.endswith(FIFO))
    _check_filters(request.properties)
    destination = request.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    if ":sqs:" in destination:
        require_queue(request, destination)
    answer = request.client("lambda").create_event_source_mapping(**request.given(*PASSED))
    arn = request.account.arn("lambda", f"event-source-mapping:{answer['UUID']}")
    return Created(ref=answer["UUID"], attributes={"Id": answer["UUID"], "EventSourceMappingArn": arn})


def _check_queue(request: CreateRequest, url: str) -> None:
    answer = request.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    visibility = int(answer["Attributes"]["VisibilityTimeout"])
    function = request.client("lambda").get_function_configuration(
        FunctionName=request.properties["FunctionName"]
    )
    timeout = function.get("Timeout", DEFAULT_TIMEOUT)
    if visibility < timeout:
        raise ResourceError(
            f"EventSourceArn: the queue's visibility timeout of {visibility} s is shorter than"
            f" the function's timeout of {timeout} s"
        )


def _check_batch(properties: Mapping[str, Any], *, fifo: bool) -> None:
    batch = properties.get("BatchSize", LARGEST_UNWINDOWED_BATCH)
    window = properties.get("MaximumBatchingWindowInSeconds", 0)
    if fifo and (batch > LARGEST_UNWINDOWED_BATCH or window):
        raise ResourceError("BatchSize: a FIFO queue is read in batches of at most 10, without a window")
    if batch > LARGEST_UNWINDOWED_BATCH and not window:
        raise ResourceError(
            f"BatchSize: {batch} needs MaximumBatchingWindowInSeconds of at least 1, as any above 10 does"
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
        supported=frozenset(PASSED),
        ignored={
            **TAGS,
            "KmsKeyArn": "filters are not encrypted offline",
            "LoggingConfig": "the journal records what the mapping does",
            "MetricsConfig": "metrics of the mapping are the account's",
        },
    ),
)
