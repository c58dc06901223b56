"""A function that hears of a table's changes."""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.stream_mapping import StreamMapping
from infrastructure.stage import Stage


def having(attribute: str, kind: str) -> Mapping[str, Any]:
    """The filter that lets a change through if the row then has the attribute, of that DynamoDB type."""
    return {"dynamodb": {"NewImage": {attribute: {kind: [{"exists": True}]}}}}


class TableListener(Construct):
    """Hands the function each change that a filter lets through; rings when some wait or were given up."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        name: str,
        function: ServiceFunction,
        table: dynamodb.Table,
        filters: Sequence[Mapping[str, Any]],
    ) -> None:
        super().__init__(scope, construct_id)
        dead_letters = DeadLetterQueue(self, "DeadLetters", stage=stage, queue_name=f"{name}-dlq")
        StreamMapping(
            self,
            "Mapping",
            function=function,
            table=table,
            dead_letters=dead_letters.queue,
            filters=filters,
        )
        iterator_age = StageAlarm(
            self,
            "IteratorAge",
            stage=stage,
            alarm_name=f"{name}-iterator-age",
            kind=AlarmKind.ITERATOR_AGE,
            description=f"Changes of a table wait for {name}: it fails or is too slow.",
            metric=function.function.metric("IteratorAge", period=Duration.minutes(1), statistic="Maximum"),
            threshold=stage.alarms.iterator_age_seconds * 1000,  # the metric counts milliseconds
            evaluation_periods=stage.alarms.evaluation_periods,
        )
        function.shift_traffic(dead_letters.not_empty, iterator_age.alarm)
