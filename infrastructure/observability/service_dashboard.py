"""The dashboard of one service."""

from collections.abc import Iterable

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.graphs import counted, function_metrics, graph, queue_metric, table_metrics
from infrastructure.services import Function, Service
from infrastructure.triggers import EventStream

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
                *([] if self._only_takes_in() else [self._outcomes(), self._delays()]),
                *(self._source(each) for each in service.functions if service.has_own_dead_letters(each)),
                self._functions(),
            ],
        )

    def _only_takes_in(self) -> bool:
        """Whether it is a bridge without a queue: its events have no facts and no reactions."""
        return self._service.name in _names(self._stage.bridges) and not self._service.reacts_to

    def _source(self, function: Function) -> list[cloudwatch.IWidget]:
        """A bridge's function that reads another broker, or the ordered stream."""
        stage, name = self._stage, self._service.source_of(function)
        reads_stream = isinstance(function.trigger, EventStream)
        done, again = ("Sent", "Retried") if reads_stream else ("Admitted", "NotAdmitted")
        dead_letters = stage.names.dead_letter_queue(name)
        namespace = stage.names.metrics
        return [
            graph(f"{name}: {done}", counted(namespace, done, service=name)),
            graph(f"{name}: {again}", counted(namespace, again, service=name)),
            graph(
                f"{name}: dead-lettered messages",
                queue_metric(dead_letters, "ApproximateNumberOfMessagesVisible"),
            ),
            *([self._iterator_age(function)] if reads_stream else []),
        ]

    def _iterator_age(self, function: Function) -> cloudwatch.IWidget:
        name = self._stage.names.function(self._service.name, function.module)
        age = function_metrics([name], "IteratorAge", "Maximum")
        return graph("Oldest unsent record, milliseconds", *age)

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


def _names(services: Iterable[Service]) -> set[str]:
    return {service.name for service in services}
