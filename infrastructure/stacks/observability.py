"""Alarms and dashboards across all services, and the policies of people."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.access.observers import ObserverPolicies
from infrastructure.access.operators import OperatorPolicies
from infrastructure.application import Stage
from infrastructure.observability.business_alarms import ORDER_VOLUME
from infrastructure.observability.business_dashboard import BusinessDashboard
from infrastructure.observability.flow_alarm import FlowAlarm
from infrastructure.observability.order_volume import OrderVolumeAlarm
from infrastructure.observability.service_dashboard import ServiceDashboard
from infrastructure.topology import WAY_TO_SHIPMENT


class ObservabilityStack(Stack):
    """Deployed after the services, whose alarms it combines."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("observability"),
            description="Orderbus: alarms and dashboards of all services together, and operators' policies.",
            tags=stage.tags,
        )
        names = stage.names
        delays = [
            f"{names.queue(service)}-{kind}"
            for service in WAY_TO_SHIPMENT
            for kind in ("message-age", "event-lag")
        ]
        causes = [f"{names.relay}-iterator-age", *delays, names.of("orders-overdue")]
        flow = FlowAlarm(self, "Flow", stage=stage, alarm_names=causes)
        ObserverPolicies(self, "Observer", stage=stage)
        OperatorPolicies(self, "Operator", stage=stage)
        if getattr(stage.settings.alarms, str(ORDER_VOLUME.threshold)) is not None:
            OrderVolumeAlarm(self, "OrderVolume", stage=stage)
        if stage.settings.dashboards:
            BusinessDashboard(self, "BusinessDashboard", stage=stage, flow=flow.alarm)
            for service in stage.topology.services:
                title = f"{service.name.title()}Dashboard"
                ServiceDashboard(self, title, stage=stage, service=service)
