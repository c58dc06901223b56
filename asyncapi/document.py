"""The whole document, in reading order."""

import json
from typing import Any

from asyncapi.channels import bus_channels, queue_channels
from asyncapi.messages import messages
from asyncapi.operations import operations
from asyncapi.schema_files import SCHEMAS
from asyncapi.schemas import component_schemas

PATH = SCHEMAS / "asyncapi.json"
DESCRIPTION = (
    "The events of an order, from checkout to shipment. Outside producers put events on the ingress bus; "
    "only Orderbus publishes on the order bus. Every message is a CloudEvents 1.0 document in EventBridge's "
    "`detail`. Delivery is at least once and in no order. `python -m asyncapi` generates this document."
)
_REGION = {"region": {"description": "The AWS region of the stage.", "default": "eu-west-1"}}


def text() -> str:
    """Return the document as text, as the repository has it."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def document() -> dict[str, Any]:
    """Return the document."""
    return {
        "asyncapi": "3.1.0",
        "id": "urn:orderbus",
        "info": {
            "title": "Orderbus",
            "version": "1",
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {
            "eventbridge": _server("events", "https", "EventBridge; AsyncAPI has no bindings for it."),
            "sns": _server("sns", "sns", "The topic of each fact of the order bus."),
            "sqs": _server("sqs", "sqs", "The queue of each consumer."),
        },
        "channels": {**bus_channels(), **queue_channels()},
        "operations": operations(),
        "components": {"messages": messages(), "schemas": component_schemas()},
    }


def _server(service: str, protocol: str, description: str) -> dict[str, Any]:
    return {
        "host": f"{service}.{{region}}.amazonaws.com",
        "protocol": protocol,
        "description": description,
        "variables": _REGION,
    }
