"""How one service does."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.components.dashboard_graphs import every, graph, of_functions, of_queue, of_tables
from infrastructure.services import Service
from infrastructure.stage import Stage

ENDS = ("Handled", "Duplicate", "Ignored", "Retried", "DeadLettered")


class ServiceDashboard(Construct):
    """Its queue, what became of its events, its functions and its tables."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, service: Service) -> None:
        super().__init__(scope, construct_id)
        names, ours = stage.names, stage.names.metrics
        queue, dead_letters = names.queue(service.name), names.dead_letter_queue(service.name)
        functions = _functions(stage, service)
        tables = [
            names.table(service.name, table.name)
            for table in service.tables
            if table.only_with in {None, stage.gateway}
        ]
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=names.of(service.name),
            widgets=[
                [
                    graph(
                        "Messages that wait, or were given up",
                        of_queue(queue, "ApproximateNumberOfMessagesVisible"),
                        of_queue(dead_letters, "ApproximateNumberOfMessagesVisible"),
                    ),
                    graph("Oldest message, seconds", of_queue(queue, "ApproximateAgeOfOldestMessage")),
                ],
                [graph(f"{end}, by fact", every(ours, end, by="fact", service=service.name)) for end in ENDS],
                [
                    graph(
                        "From fact to reaction, milliseconds (p90)",
                        every(ours, "EventAge", service=service.name, statistic="p90"),
                    ),
                    graph(
                        "Throttled by tables", *of_tables(tables, "ReadThrottleEvents", "WriteThrottleEvents")
                    ),
                ],
                [
                    graph(
                        "Errors and throttles",
                        *of_functions(functions, "Errors"),
                        *of_functions(functions, "Throttles"),
                    ),
                    graph("Duration, milliseconds (p90)", *of_functions(functions, "Duration", "p90")),
                ],
            ],
        )


def _functions(stage: Stage, service: Service) -> list[str]:
    names = stage.names
    present = {
        names.consumer_function: True,
        names.api_function: service.api,
        names.deadlines_function: service.deadlines,
        names.reconciliation_function: service.reconciliation,
        names.levels_function: service.levels,
        names.webhooks_function: service.webhooks_with(stage.gateway),
    }
    return [name(service.name) for name, there in present.items() if there]
