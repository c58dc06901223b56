"""The ordered stream: from the event log's stream to a Kinesis stream."""

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_kinesis as kinesis
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.key_reference import key_of
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.stream_mapping import StreamMapping
from infrastructure.observability.alarms import ORDERED_STREAM_ALARMS, STREAM_ALARMS, VERSION_BATCHES
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.settings import OrderedStream


class OrderedEvents(Construct):
    """Puts every event on the stream, as a reader of the event log beside the relay."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: lambda_.ILayerVersion,
        event_log: dynamodb.Table,
        ordered: OrderedStream,
    ) -> None:
        super().__init__(scope, construct_id)
        name, key = stage.names.ordered_stream, key_of(self, stage)
        stream = kinesis.Stream(
            self,
            "Resource",
            stream_name=name,
            stream_mode=kinesis.StreamMode.PROVISIONED if ordered.shards else kinesis.StreamMode.ON_DEMAND,
            shard_count=ordered.shards,
            retention_period=Duration.hours(ordered.retention_hours),
            encryption=kinesis.StreamEncryption.KMS if key else kinesis.StreamEncryption.MANAGED,
            encryption_key=key,
        )
        dead_letter_queue = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=stage.names.dead_letter_queue("stream")
        )
        function = ServiceFunction(
            self,
            "Function",
            stage=stage,
            service="stream",
            module="handler",
            timeout_seconds=30,
            memory_mb=256,
            layers=[layer],
            environment={"ORDERED_STREAM": name},
        )
        function.allow(stream.stream_arn, "kinesis:PutRecords")
        StreamMapping(
            self,
            "Mapping",
            stage=stage,
            function=function,
            table=event_log,
            dead_letter_queue=dead_letter_queue.queue,
        )
        add_alarms(self, STREAM_ALARMS, stage=stage, name=function.name, dimensions=function.dimensions)
        add_alarms(self, ORDERED_STREAM_ALARMS, stage=stage, name=name, dimensions={"StreamName": name})
        function.shift_traffic(VERSION_BATCHES, dimensions={"service": "stream"})
