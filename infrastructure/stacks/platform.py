"""What every service stands on: the buses, the event log, the relay, a fan-out per fact, the contract."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infrastructure import topology
from infrastructure.components.alarm_topic import AlarmTopic
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.dependencies import Dependencies
from infrastructure.components.event_buses import IngressBus, OrderBus
from infrastructure.components.event_fanout import EventFanout
from infrastructure.components.event_forward import EventForward
from infrastructure.components.event_log import EventLog
from infrastructure.components.relay import Relay
from infrastructure.components.schema_registry import SchemaRegistry
from infrastructure.components.service_table import ServiceTable
from infrastructure.stage import Stage


class PlatformStack(Stack):
    """Carries every fact from the event log to whoever subscribes; knows facts, and no consumer."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("platform"),
            description="Orderbus: buses, event log, relay, fan-out and schema registry.",
            tags=stage.tags,
        )
        AlarmTopic(self, "Alarms", stage=stage)
        ingress = IngressBus(self, "IngressBus", stage=stage)
        order_bus = OrderBus(self, "OrderBus", stage=stage)
        relay = Relay(
            self,
            "Relay",
            stage=stage,
            layer=Dependencies(self, "Dependencies").layer,
            event_log=EventLog(self, "EventLog", stage=stage).table,
            order_bus=order_bus.bus,
        )
        order_bus.admit_only(relay.role)
        self._fan_out(stage, order_bus)
        for forward in stage.forward:
            EventForward(self, f"Forward-{forward.key}", stage=stage, bus=order_bus.bus, forward=forward)
        SchemaRegistry(self, "Schemas", stage=stage)
        ServiceTable(self, "Audit", stage=stage, table_name=stage.names.audit, table=topology.AUDIT)
        CfnOutput(self, "IngressBusName", value=ingress.bus.event_bus_name)
        CfnOutput(self, "OrderBusName", value=order_bus.bus.event_bus_name)

    def _fan_out(self, stage: Stage, order_bus: OrderBus) -> None:
        dead_letters = DeadLetterQueue(
            self, "FanoutDeadLetters", stage=stage, queue_name=stage.names.dead_letter_queue("order-bus")
        )
        for fact in topology.FACTS:
            if not topology.from_outside(fact):
                EventFanout(
                    self,
                    fact.name,
                    stage=stage,
                    fact=fact,
                    bus=order_bus.bus,
                    dead_letters=dead_letters,
                )
