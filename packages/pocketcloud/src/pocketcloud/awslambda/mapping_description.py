"""The description of an event source mapping in Lambda's API.

https://docs.aws.amazon.com/lambda/latest/api/API_EventSourceMappingConfiguration.html
"""

from typing import Any

from moto.awslambda.models import EventSourceMapping

CREATING, UPDATING, DELETING = "Creating", "Updating", "Deleting"
ENABLING, DISABLING, DISABLED = "Enabling", "Disabling", "Disabled"
_OF_QUEUES: dict[str, Any] = {
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "StateTransitionReason": "USER_INITIATED",
}
_OF_BROKERS: dict[str, Any] = {"StateTransitionReason": "USER_INITIATED"}
_OF_STREAMS: dict[str, Any] = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "FunctionResponseTypes": [],
    "LastProcessingResult": "No records processed",
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "StateTransitionReason": "User action",
    "TumblingWindowInSeconds": 0,
}


def describe_mapping(
    mapping: EventSourceMapping, shown: dict[str, Any], last_result: str | None
) -> dict[str, Any]:
    """Complete moto's description by the defaults that Lambda shows, and by a stream's last result."""
    service = mapping.event_source_arn.split(":")[2]
    defaults = {"sqs": _OF_QUEUES, "mq": _OF_BROKERS}.get(service, _OF_STREAMS)
    kept = {name: value for name, value in shown.items() if name != "StateTransitionReason"}
    kept |= {"LastProcessingResult": last_result}
    return {**defaults, **{name: value for name, value in kept.items() if value not in ("", None)}}
