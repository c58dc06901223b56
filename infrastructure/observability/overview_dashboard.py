"""The dashboard across all services, with the state of the flow alarm."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.graphs import counted, graph
from infrastructure.observability.overview import GraphRow, Overview


class OverviewDashboard(Construct):
    """One page that shows whether the application's main process flows, and the graphs it asks for."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        overview: Overview,
        flow: cloudwatch.CompositeAlarm,
    ) -> None:
        super().__init__(scope, construct_id)
        self._namespace = stage.names.metrics
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=stage.names.of(overview.dashboard),
            widgets=[
                [cloudwatch.AlarmStatusWidget(title=overview.question, alarms=[flow], width=24)],
                *([self._graph(row) for row in rows] for rows in overview.graphs),
            ],
        )

    def _graph(self, row: GraphRow) -> cloudwatch.IWidget:
        return graph(row.title, counted(self._namespace, row.metric, by=row.by, statistic=row.statistic))
