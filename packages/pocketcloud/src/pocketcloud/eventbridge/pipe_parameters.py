"""Parameters of a pipe's target, in which a JSON path stands for a value of the record.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html#pipes-targets-dynamic-parms
"""

import json
from collections.abc import Mapping
from typing import Any

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.eventbridge.pipe_batch import PipeBatch, PipeItem
from pocketcloud.eventbridge.pipe_template import check_path, decoded, value_at

TARGETS = {
    "events": "EventBridgeEventBusParameters",
    "kinesis": "KinesisStreamParameters",
    "lambda": "LambdaFunctionParameters",
    "sns": "",
    "sqs": "SqsQueueParameters",
}
"""The parameters of each kind of target."""
_PATH = "$."


def parameters_for(batch: PipeBatch, item: PipeItem) -> dict[str, Any]:
    """Return the parameters for one record; raise DeliveryError if a path finds nothing in it."""
    given = batch.parameters(TARGETS[batch.service])
    return {name: _resolved(value, batch, item) for name, value in given.items()}


def check_parameters(pipe: str, parameters: Mapping[str, Any]) -> None:
    """Raise for a path that is invalid or not supported."""
    for value in parameters.values():
        for each in value if isinstance(value, list) else [value]:
            if str(each).startswith(_PATH):
                check_path(pipe, each)


def _resolved(value: Any, batch: PipeBatch, item: PipeItem) -> Any:
    if isinstance(value, list):
        return [_resolved(each, batch, item) for each in value]
    if not isinstance(value, str) or not value.startswith(_PATH):
        return value
    found = value_at(value, decoded(batch, item))
    if found is None:
        raise DeliveryError("SDK_CLIENT_ERROR", f"the record has nothing at {value}")
    return found if isinstance(found, str) else json.dumps(found)
