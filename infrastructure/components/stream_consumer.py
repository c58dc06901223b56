"""A function that reads a table's stream."""

from collections.abc import Mapping

from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.stream_mapping import StreamMapping, has_attribute
from infrastructure.observability.alarms import STREAM_ALARMS, VERSION_BATCHES
from infrastructure.observability.stage_alarms import add_alarms


class StreamConsumer(Construct):
    """Sends the function each change of a row that then has one of the attributes."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        function: ServiceFunction,
        table: dynamodb.Table,
        attributes: Mapping[str, str],
        counted_as: Mapping[str, str],
    ) -> None:
        """Read the changes of the rows; the function counts in metrics with the dimensions `counted_as`."""
        super().__init__(scope, construct_id)
        dead_letter_queue = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=f"{function.name}-dlq"
        )
        StreamMapping(
            self,
            "Mapping",
            stage=stage,
            function=function,
            table=table,
            dead_letter_queue=dead_letter_queue.queue,
            filters=[has_attribute(name, kind) for name, kind in attributes.items()],
        )
        add_alarms(self, STREAM_ALARMS, stage=stage, name=function.name, dimensions=function.dimensions)
        function.shift_traffic(VERSION_BATCHES, dimensions=counted_as)
