"""The relay: from the event log's stream to the event bus."""

from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.stream_mapping import StreamMapping
from infrastructure.observability.alarms import (
    FILLING_ALARMS,
    NOT_DEAD_LETTERED,
    STREAM_ALARMS,
    VERSION_BATCHES,
    VERSION_DEAD_LETTERS,
)
from infrastructure.observability.stage_alarms import add_alarms


class Relay(Construct):
    """Publishes every fact of the event log."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: lambda_.ILayerVersion,
        event_log: dynamodb.Table,
        event_bus: events.EventBus,
    ) -> None:
        super().__init__(scope, construct_id)
        dead_letter_queue = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=stage.names.dead_letter_queue("relay")
        )
        relay = ServiceFunction(
            self,
            "Function",
            stage=stage,
            service="relay",
            module="handler",
            timeout_seconds=30,
            memory_mb=256,
            layers=[layer],
            environment={
                "EVENT_BUS_NAME": stage.names.event_bus,
                "DEAD_LETTER_QUEUE_URL": dead_letter_queue.queue.queue_url,
            },
        )
        relay.allow(event_bus.event_bus_arn, "events:PutEvents")
        StreamMapping(
            self,
            "Mapping",
            stage=stage,
            function=relay,
            table=event_log,
            dead_letter_queue=dead_letter_queue.queue,
            parallelization_factor=stage.settings.relay_parallelization,
        )
        add_alarms(self, STREAM_ALARMS, stage=stage, name=relay.name, dimensions=relay.dimensions)
        rows = (NOT_DEAD_LETTERED, *(FILLING_ALARMS if stage.settings.canary else ()))
        dimensions = {"service": "relay"}
        add_alarms(self, rows, stage=stage, name=relay.name, dimensions=dimensions)
        relay.shift_traffic(VERSION_BATCHES, VERSION_DEAD_LETTERS, dimensions=dimensions)
        self.role = relay.role
