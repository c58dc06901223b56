"""Alarms and dashboards across all services, and the policies of people."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.access.observers import ObserverPolicies
from infrastructure.access.operators import OperatorPolicies
from infrastructure.application import Stage
from infrastructure.observability.event_hubs_dashboard import EventHubsDashboard
from infrastructure.observability.flow_alarm import FlowAlarm
from infrastructure.observability.overview_dashboard import OverviewDashboard
from infrastructure.observability.service_dashboard import ServiceDashboard
from infrastructure.observability.stage_alarms import has_all_alarms, is_set
from infrastructure.observability.volume_alarm import VolumeAlarm


class ObservabilityStack(Stack):
    """Deployed after the services, whose alarms it combines."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        title = stage.application.title
        super().__init__(
            scope,
            stage.names.stack("observability"),
            description=f"{title}: alarms and dashboards of all services together, and operators' policies.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        overview = stage.application.overview
        # It combines alarms that are not essential.
        flows = overview.flow if overview and has_all_alarms(stage) else None
        flow = flows and FlowAlarm(self, "Flow", stage=stage, row=flows)
        ObserverPolicies(self, "Observer", stage=stage)
        OperatorPolicies(self, "Operator", stage=stage)
        if overview and overview.volume and is_set(stage, overview.volume.threshold):
            VolumeAlarm(self, overview.volume.id, stage=stage, row=overview.volume)
        if stage.settings.dashboards:
            if overview and flow:
                name = f"{overview.dashboard.title()}Dashboard"
                OverviewDashboard(self, name, stage=stage, overview=overview, flow=flow.alarm)
            for service in (*stage.topology.services, *stage.bridges):
                name = f"{service.name.title()}Dashboard"
                ServiceDashboard(self, name, stage=stage, service=service)
            if stage.settings.bridges.event_hubs:
                EventHubsDashboard(self, "EventHubsDashboard", stage=stage)
