"""What is said of all services together; deployed after them, as it is about their alarms."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure import topology
from infrastructure.components.business_dashboard import BusinessDashboard
from infrastructure.components.flow_alarm import FlowAlarm
from infrastructure.components.order_volume import OrderVolume
from infrastructure.components.service_dashboard import ServiceDashboard
from infrastructure.stage import Stage


class ObservabilityStack(Stack):
    """Whether orders flow, in one alarm, whether as many come in as usual, and pages to look at."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("observability"),
            description="Orderbus: alarms and dashboards of all services together.",
            tags=stage.tags,
        )
        names = stage.names
        waits = [
            f"{names.queue(service)}-{kind}"
            for service in topology.WAY_TO_SHIPMENT
            for kind in ("message-age", "event-lag")
        ]
        flow = FlowAlarm(
            self, "Flow", stage=stage, alarm_names=[f"{names.relay}-iterator-age", *waits, names.overdue]
        )
        if stage.alarms.order_volume_deviations:
            OrderVolume(self, "OrderVolume", stage=stage, deviations=stage.alarms.order_volume_deviations)
        if stage.dashboards:
            BusinessDashboard(self, "BusinessDashboard", stage=stage, flow=flow.alarm)
            for service in topology.SERVICES:
                title = f"{service.name.title()}Dashboard"
                ServiceDashboard(self, title, stage=stage, service=service)
