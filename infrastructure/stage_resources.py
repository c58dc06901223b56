"""The names of a stage's queues and tables across its stacks."""

from infrastructure.application import Stage
from infrastructure.names import EVENT_HUBS


def consumer_queues(stage: Stage) -> list[str]:
    """The queue of each consumer."""
    return [stage.names.queue(service.name) for service in stage.consumers]


def replayable(stage: Stage) -> list[str]:
    """The names of the services that accept replays."""
    return [service.name for service in stage.consumers if service.queue.accepts_replays]


def optional_functions(stage: Stage) -> list[str]:
    """The name of each function of a bridge, a monitor or the ordered stream, with its consumers."""
    optional = (*stage.topology.bridges, *stage.topology.monitors, *stage.topology.stream_consumers)
    names = {service.name for service in optional}
    return [
        *([stage.names.stream] if stage.settings.ordered_stream else []),
        *(
            stage.names.function(service.name, function.module)
            for service in stage.services
            if service.name in names
            for function in service.functions
        ),
    ]


def tables(stage: Stage) -> list[str]:
    """Every table: the event log, the audit trail, the claims, and those of the services."""
    names = stage.names
    return [
        names.event_log,
        names.audit,
        *([names.claims] if stage.topology.has_claims else []),
        *(
            names.table(service.name, table.name)
            for service in stage.services
            for table in service.tables
            if stage.includes(table.only_when)
        ),
    ]


def rule_bridges(stage: Stage) -> list[str]:
    """The forwards to brokers that a rule reaches without a function."""
    return [EVENT_HUBS] if stage.settings.bridges.event_hubs else []


def dead_letter_queues(stage: Stage) -> list[str]:
    """The dead-letter queue of each consumer, of the event bus, of each stream and of each forward.

    With the ordered stream, also of its function and of its consumers; with a bridge, of its functions that
    read a stream or put events on the ingress bus.
    """
    ordered = (*(service.name for service in stage.topology.stream_consumers), "stream")
    sources = [
        *(service.name for service in stage.consumers),
        f"{stage.application.domain}-bus",
        "relay",
        *stage.topology.stream_functions,
        *(f"forward-{forward.key}" for forward in stage.settings.forward),
        *(f"forward-{key}" for key in rule_bridges(stage)),
        *(ordered if stage.settings.ordered_stream else ()),
        *(source for service in stage.bridges for source in service.further_sources),
    ]
    return [stage.names.dead_letter_queue(source) for source in sources]
