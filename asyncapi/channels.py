"""The channels: each fact on its bus, and each consumer's queue."""

from typing import Any

from asyncapi.schema_files import versions_of
from infrastructure.names import Names, kebab
from infrastructure.services import FactDeclaration, Service
from infrastructure.topology import FACTS, SERVICES, is_external
from infrastructure.triggers import Queue

NAMES = Names(stage="{stage}")
_STAGE = {"stage": {"description": "The stage: `dev` or `prod`.", "default": "dev"}}
_TIMEOUTS_PER_VISIBILITY = 6
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


def consumers() -> list[Service]:
    """Return the services that have a queue."""
    return [each for each in SERVICES if each.reacts_to]


def bus_channels() -> dict[str, Any]:
    """Return the channel of each fact, on the ingress bus or on the order bus."""
    return {fact.name: _bus_channel(fact) for fact in FACTS}


def queue_channels() -> dict[str, Any]:
    """Return the channel of each consumer's queue."""
    return {f"{service.name}-queue": _queue_channel(service) for service in consumers()}


def message_references(fact: str) -> dict[str, Any]:
    """Return references to every version of a fact."""
    return {file.name: {"$ref": f"#/components/messages/{file.name}"} for file in versions_of(fact)}


def _bus_channel(fact: FactDeclaration) -> dict[str, Any]:
    bus = NAMES.ingress_bus if is_external(fact) else NAMES.event_bus
    topic = {} if is_external(fact) else {"bindings": {"sns": _topic(fact)}}
    servers = ["eventbridge"] if is_external(fact) else ["eventbridge", "sns"]
    return {
        "address": f"{bus}/{fact.owner}/{fact.name}",
        "title": fact.name,
        "description": fact.no_consumer_because or "An event is matched by its source and its detail-type.",
        "servers": [{"$ref": f"#/servers/{server}"} for server in servers],
        "parameters": _STAGE,
        "messages": message_references(fact.name),
        **topic,
        "x-eventbridge": {"bus": bus, "source": fact.owner, "detail-type": fact.name},
    }


def _topic(fact: FactDeclaration) -> dict[str, Any]:
    return {"name": NAMES.topic(fact.name), "ordering": {"type": "standard"}, "bindingVersion": "0.1.0"}


def _queue_channel(service: Service) -> dict[str, Any]:
    references = [message_references(fact) for fact in service.reacts_to]
    return {
        "address": NAMES.queue(service.name),
        "title": f"{service.name}'s queue",
        "description": "A message's body is EventBridge's event, with the document in `detail`.",
        "servers": [{"$ref": "#/servers/sqs"}],
        "parameters": _STAGE,
        "messages": {name: each for found in references for name, each in found.items()},
        "bindings": {"sqs": _queue(service, service.queue)},
    }


def _queue(service: Service, trigger: Queue) -> dict[str, Any]:
    dead_letter_queue = NAMES.dead_letter_queue(service.name)
    return {
        "queue": {
            "name": NAMES.queue(service.name),
            "fifoQueue": False,
            # Each stage adds the seconds for which it gathers messages.
            **({} if trigger.may_wait else {"visibilityTimeout": _visibility_seconds(service)}),
            "redrivePolicy": {
                "deadLetterQueue": {"name": dead_letter_queue},
                "maxReceiveCount": trigger.max_receive_count,
            },
        },
        "deadLetterQueue": {"name": dead_letter_queue, "fifoQueue": False},
        "bindingVersion": "0.2.0",
    }


def _visibility_seconds(service: Service) -> int:
    return _TIMEOUTS_PER_VISIBILITY * service.consumer.timeout_seconds


def operation_name(*words: str) -> str:
    """Return the name of an operation, such as `orders-receives-payment-processed`."""
    return "-".join(kebab(word) for word in words)
