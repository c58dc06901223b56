"""The operations: each owner sends its facts, each consumer receives the facts it reacts to."""

from typing import Any

from asyncapi.channels import NAMES, consumers, message_references, operation_name
from infrastructure.services import FactDeclaration, Service
from infrastructure.topology import FACTS, consumers_of, is_external


def operations() -> dict[str, Any]:
    """Return the operations by name."""
    sent = {operation_name(fact.owner, "sends", fact.name): _send(fact) for fact in FACTS}
    received = {operation_name(service.name, "receives"): _receive(service) for service in consumers()}
    return {**sent, **received}


def _send(fact: FactDeclaration) -> dict[str, Any]:
    bus = "ingress bus" if is_external(fact) else "order bus"
    receivers = consumers_of(fact.name)
    names = ", ".join(each.name for each in receivers) or "other accounts"
    topic = {"bindings": {"sns": _subscriptions(receivers)}} if receivers and not is_external(fact) else {}
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{fact.name}"},
        "title": f"{fact.owner} sends {fact.name}",
        "summary": f"On the {bus}. Consumers: {names}.",
        "messages": _references(fact.name, channel=fact.name),
        **topic,
    }


def _subscriptions(receivers: tuple[Service, ...]) -> dict[str, Any]:
    endpoints = [NAMES.queue(each.name) for each in receivers]
    return {
        "consumers": [
            {"protocol": "sqs", "endpoint": {"name": name}, "rawMessageDelivery": True} for name in endpoints
        ],
        "bindingVersion": "0.1.0",
    }


def _receive(service: Service) -> dict[str, Any]:
    channel = f"{service.name}-queue"
    return {
        "action": "receive",
        "channel": {"$ref": f"#/channels/{channel}"},
        "title": f"{service.name} receives",
        "summary": f"{service.name} reacts to {', '.join(service.reacts_to)}.",
        "messages": [each for fact in service.reacts_to for each in _references(fact, channel=channel)],
    }


def _references(fact: str, *, channel: str) -> list[dict[str, str]]:
    return [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in message_references(fact)]
