"""Events made of the examples of the schemas."""

import json
from pathlib import Path
from typing import Any

import msgspec

from functions.contracts.registry import FACTS
from functions.shared.contracts import codec
from functions.shared.contracts.envelope import Event, origin
from functions.shared.contracts.fact import PublishedFact
from pocketcloud.virtual_time.clock import START
from tests.workflow.shop import PREFIX, Shop

SCHEMAS = Path(__file__).parents[2] / "schemas"
ORDER_ID = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"
"""The order of all examples."""


def publish_examples(shop: Shop, *names: str) -> set[str]:
    """Publish the example of each fact on the bus of its owner, and return the ids of the events."""
    events = [_example(name) for name in names]
    shop.cloud.put_events([_entry(event) for event in events])
    return {event.id for event in events}


def _example(name: str) -> Event[Any]:
    contract = FACTS[name]
    file = SCHEMAS / contract.owner / f"{name}.v{contract.version}.example.json"
    fact = msgspec.convert(json.loads(file.read_text()), contract)
    cause = origin(name)
    if isinstance(fact, PublishedFact):
        return codec.event_of(fact, cause=cause, time=START)
    return Event(id=cause.id, subject="example", time=START, cause=cause, fact=fact, major=fact.version)


def _entry(event: Event[Any]) -> dict[str, str]:
    bus = "order-bus" if isinstance(event.fact, PublishedFact) else "ingress-bus"
    return {
        "EventBusName": f"{PREFIX}-{bus}",
        "Source": event.fact.owner,
        "DetailType": type(event.fact).__name__,
        "Detail": codec.write(event),
    }
