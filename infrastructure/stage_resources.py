"""The names of a stage's queues across its stacks, for policies of people."""

from infrastructure.application import Stage


def consumer_queues(stage: Stage) -> list[str]:
    """The queue of each consumer."""
    return [stage.names.queue(service.name) for service in stage.topology.consumers]


def dead_letter_queues(stage: Stage) -> list[str]:
    """The dead-letter queue of each consumer, of the event bus, of each stream and of each forward.

    With the ordered stream, also of its function and of its consumers.
    """
    ordered = (*(service.name for service in stage.topology.stream_consumers), "stream")
    sources = [
        *(service.name for service in stage.topology.consumers),
        f"{stage.application.domain}-bus",
        "relay",
        *stage.topology.stream_functions,
        *(f"forward-{forward.key}" for forward in stage.settings.forward),
        *(ordered if stage.settings.ordered_stream else ()),
    ]
    return [stage.names.dead_letter_queue(source) for source in sources]
