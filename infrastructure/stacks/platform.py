"""The platform of every service: the buses, the event log, the relay, a fan-out per fact, the contracts."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.alarm_topic import AlarmTopic
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.dependencies import Dependencies
from infrastructure.components.event_buses import EventBus, IngressBus
from infrastructure.components.event_fanout import EventFanout
from infrastructure.components.event_forward import EventForward
from infrastructure.components.event_hub_bridge import EventHubBridge
from infrastructure.components.event_log import EventLogTable
from infrastructure.components.ordered_events import OrderedEvents
from infrastructure.components.relay import Relay
from infrastructure.components.schema_registry import SchemaRegistry
from infrastructure.components.service_table import ServiceTable
from infrastructure.context import region_of
from infrastructure.regions import SCHEMAS, has_service
from infrastructure.tables import AUDIT, CLAIMS


class PlatformStack(Stack):
    """Carries every fact from the event log to its subscribers; it has facts and no consumer."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("platform"),
            description=f"{stage.application.title}: buses, event log, relay, fan-out and schema registry.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        bus_id = f"{stage.application.domain.title()}Bus"
        AlarmTopic(self, "Alarms", stage=stage)
        ingress = IngressBus(self, "IngressBus", stage=stage)
        event_bus = EventBus(self, bus_id, stage=stage)
        layer = Dependencies(self, "Dependencies", stage=stage).layer
        event_log = EventLogTable(self, "EventLog", stage=stage).table
        relay = Relay(self, "Relay", stage=stage, layer=layer, event_log=event_log, event_bus=event_bus.bus)
        event_bus.admit_only(relay.role)
        if ordered := stage.settings.ordered_stream:
            OrderedEvents(
                self, "OrderedEvents", stage=stage, layer=layer, event_log=event_log, ordered=ordered
            )
        self._fan_out(stage, event_bus)
        for forward in stage.settings.forward:
            EventForward(self, f"Forward-{forward.key}", stage=stage, bus=event_bus.bus, forward=forward)
        if hub := stage.settings.bridges.event_hubs:
            EventHubBridge(self, "EventHubs", stage=stage, bus=event_bus.bus, hub=hub)
        if has_service(region_of(self), SCHEMAS):
            SchemaRegistry(self, "Schemas", stage=stage)
        ServiceTable(self, "Audit", stage=stage, table_name=stage.names.audit, table=AUDIT)
        if stage.topology.has_claims:
            ServiceTable(self, "Claims", stage=stage, table_name=stage.names.claims, table=CLAIMS)
        CfnOutput(self, "IngressBusName", value=ingress.bus.event_bus_name)
        CfnOutput(self, f"{bus_id}Name", value=event_bus.bus.event_bus_name)

    def _fan_out(self, stage: Stage, event_bus: EventBus) -> None:
        source = f"{stage.application.domain}-bus"
        dead_letter_queue = DeadLetterQueue(
            self, "FanoutDeadLetters", stage=stage, queue_name=stage.names.dead_letter_queue(source)
        )
        for fact in stage.topology.own_facts:
            EventFanout(
                self,
                fact.name,
                stage=stage,
                fact=fact,
                bus=event_bus.bus,
                dead_letter_queue=dead_letter_queue,
            )
