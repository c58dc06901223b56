"""The dashboard of one service."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.graphs import counted, function_metrics, graph, queue_metric, table_metrics
from infrastructure.services import Service

OUTCOMES = ("Handled", "Duplicate", "Retried", "DeadLettered")


class ServiceDashboard(Construct):
    """The service's queue, the outcomes of its events, its functions and its tables."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, service: Service) -> None:
        super().__init__(scope, construct_id)
        self._stage, self._service = stage, service
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Resource",
            dashboard_name=stage.names.of(service.name),
            widgets=[
                *([self._queue()] if service.reacts_to else []),
                self._outcomes(),
                self._delays(),
                self._functions(),
            ],
        )

    def _consumer(self) -> list[list[cloudwatch.IWidget]]:
        return [self._queue(), self._outcomes(), self._delays()]

    def _queue(self) -> list[cloudwatch.IWidget]:
        names, service = self._stage.names, self._service.name
        queue, dead_letters = names.queue(service), names.dead_letter_queue(service)
        return [
            graph(
                "Messages that wait or were dead-lettered",
                queue_metric(queue, "ApproximateNumberOfMessagesVisible"),
                queue_metric(dead_letters, "ApproximateNumberOfMessagesVisible"),
            ),
            graph("Oldest message, seconds", queue_metric(queue, "ApproximateAgeOfOldestMessage")),
        ]

    def _outcomes(self) -> list[cloudwatch.IWidget]:
        namespace, service = self._stage.names.metrics, self._service.name
        return [
            graph(f"{outcome}, by fact", counted(namespace, outcome, by="fact", service=service))
            for outcome in OUTCOMES
        ]

    def _delays(self) -> list[cloudwatch.IWidget]:
        stage, service = self._stage, self._service
        age = counted(stage.names.metrics, "EventAge", service=service.name, statistic="p90")
        tables = [
            stage.names.table(service.name, table.name)
            for table in service.tables
            if stage.includes(table.only_when)
        ]
        throttles = table_metrics(tables, "ReadThrottleEvents", "WriteThrottleEvents")
        return [
            graph("From fact to reaction, milliseconds (p90)", age),
            *([graph("Throttled by tables", *throttles)] if tables else []),
        ]

    def _functions(self) -> list[cloudwatch.IWidget]:
        stage, service = self._stage, self._service
        functions = [
            stage.names.function(service.name, function.module)
            for function in service.functions
            if stage.includes(function.only_when)
        ]
        return [
            graph(
                "Errors and throttles",
                *function_metrics(functions, "Errors"),
                *function_metrics(functions, "Throttles"),
            ),
            graph("Duration, milliseconds (p90)", *function_metrics(functions, "Duration", "p90")),
        ]
