"""The dashboard of the business: orders, revenue and what stops them."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.graphs import counted, graph


class BusinessDashboard(Construct):
    """One page that shows whether orders flow, and how they end."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, flow: cloudwatch.CompositeAlarm
    ) -> None:
        super().__init__(scope, construct_id)
        namespace = stage.names.metrics
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=stage.names.of("business"),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title="Do orders flow?", alarms=[flow], width=24)],
                [
                    graph("Orders by outcome", counted(namespace, "OrderEnded", by="outcome")),
                    graph(
                        "Revenue, in minor units, by currency",
                        counted(namespace, "Revenue", by="currency"),
                    ),
                ],
                [
                    graph(
                        "From fact to reaction, milliseconds (p90)",
                        counted(namespace, "EventAge", statistic="p90"),
                    ),
                    graph("Payments of unknown outcome", counted(namespace, "PaymentUnknown")),
                ],
                [
                    graph("Rejected requests, by code", counted(namespace, "IntakeRejected", by="code")),
                    graph("Orders past their deadline", counted(namespace, "Overdue", statistic="Maximum")),
                ],
            ],
        )
