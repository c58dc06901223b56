"""The operations of AWS services that an HTTP API's integration can call.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ServiceOperation:
    """One operation of a service, with the parameters that an integration can set."""

    service: str
    name: str
    required: frozenset[str]
    optional: frozenset[str]
    request: Callable[[dict[str, Any]], dict[str, Any]]
    """Makes the request to the service of the parameters."""


def _event(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"Entries": [parameters]}


def _record(parameters: dict[str, Any]) -> dict[str, Any]:
    return {**parameters, "Data": base64.b64decode(parameters["Data"], validate=True)}


OPERATIONS: Mapping[str, ServiceOperation] = {
    "EventBridge-PutEvents": ServiceOperation(
        "events",
        "put_events",
        frozenset({"Detail", "DetailType", "Source"}),
        frozenset({"EventBusName", "Resources", "Time"}),
        _event,
    ),
    "Kinesis-PutRecord": ServiceOperation(
        "kinesis",
        "put_record",
        frozenset({"Data", "PartitionKey", "StreamName"}),
        frozenset({"ExplicitHashKey"}),
        _record,
    ),
    "SQS-SendMessage": ServiceOperation(
        "sqs",
        "send_message",
        frozenset({"MessageBody", "QueueUrl"}),
        frozenset({"DelaySeconds", "MessageAttributes", "MessageDeduplicationId", "MessageGroupId"}),
        dict,
    ),
}
"""By IntegrationSubtype."""
