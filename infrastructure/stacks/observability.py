"""What is about all services together; deployed after them, as it speaks of their alarms."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure import topology
from infrastructure.components.business_dashboard import BusinessDashboard
from infrastructure.components.flow_alarm import FlowAlarm
from infrastructure.components.observer_policies import ObserverPolicies
from infrastructure.components.operator_policies import OperatorPolicies
from infrastructure.components.order_volume import OrderVolume
from infrastructure.components.service_dashboard import ServiceDashboard
from infrastructure.stage import Stage


class ObservabilityStack(Stack):
    """Whether orders flow, whether as many come in as usual, pages to look at, and what people may do."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("observability"),
            description="Orderbus: alarms and dashboards of all services together, and operators' policies.",
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
        ObserverPolicies(self, "Observer", stage=stage)
        OperatorPolicies(self, "Operator", stage=stage)
        if stage.alarms.order_volume_deviations:
            OrderVolume(self, "OrderVolume", stage=stage, deviations=stage.alarms.order_volume_deviations)
        if stage.dashboards:
            BusinessDashboard(self, "BusinessDashboard", stage=stage, flow=flow.alarm)
            for service in topology.SERVICES:
                title = f"{service.name.title()}Dashboard"
                ServiceDashboard(self, title, stage=stage, service=service)
