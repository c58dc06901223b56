"""What a stage has, by name and in all of its stacks, for whoever is to see all of it."""

from collections.abc import Iterator

from infrastructure import topology
from infrastructure.names import Names
from infrastructure.stage import Stage


def consumer_queues(names: Names) -> list[str]:
    """The queue of each consumer."""
    return [names.queue(service.name) for service in topology.SERVICES]


def dead_letter_queues(stage: Stage) -> list[str]:
    """The dead-letter queue of each hop: consumers, rules, streams and forwards."""
    names = stage.names
    sources = [
        *(service.name for service in topology.SERVICES),
        "order-bus",
        "relay",
        *(f"{service.name}-levels" for service in topology.SERVICES if service.levels),
        *(f"forward-{forward.key}" for forward in stage.forward),
    ]
    return [names.dead_letter_queue(source) for source in sources]


def functions(names: Names) -> Iterator[str]:
    """Every function, whichever payment gateway a stage has."""
    yield names.relay
    for service in topology.SERVICES:
        yield names.consumer_function(service.name)
        for part, named in (
            (service.api, names.api_function),
            (service.deadlines, names.deadlines_function),
            (service.reconciliation, names.reconciliation_function),
            (service.webhooks, names.webhooks_function),
            (service.levels, names.levels_function),
        ):
            if part:
                yield named(service.name)


def hearers_of_replays() -> list[str]:
    """The services to which history may be told again."""
    return [service.name for service in topology.SERVICES if service.consumer.accepts_replays]
