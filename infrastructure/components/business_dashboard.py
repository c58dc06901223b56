"""How business goes: orders, what they bring in, and what keeps them."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.components.dashboard_graphs import every, graph
from infrastructure.stage import Stage


class BusinessDashboard(Construct):
    """One page for whoever wants to know whether orders flow, and how they end."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, flow: cloudwatch.CompositeAlarm
    ) -> None:
        super().__init__(scope, construct_id)
        ours = stage.names.metrics
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=stage.names.of("business"),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Do orders flow?", alarms=[flow], width=24)],
                [
                    graph("Orders, by how they ended", every(ours, "OrderEnded", by="ending")),
                    graph("Revenue, in minor units of each currency", every(ours, "Revenue", by="currency")),
                ],
                [
                    graph(
                        "From fact to reaction, milliseconds (p90)", every(ours, "EventAge", statistic="p90")
                    ),
                    graph("Payments of unknown outcome", every(ours, "PaymentUnknown")),
                ],
                [
                    graph("Requests refused, by code", every(ours, "IntakeRejected", by="code")),
                    graph("Orders past their deadline", every(ours, "Overdue", statistic="Maximum")),
                ],
            ],
        )
