"""A function that reads the ordered stream."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import stream_arn
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.stream_mapping import MAXIMUM_RECORD_AGE, MAXIMUM_RETRIES
from infrastructure.observability.alarms import STREAM_ALARMS
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.triggers import EventStream

READS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListShards", "ListStreams")
"""Lambda needs them all: https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html."""


class EventStreamConsumer(Construct):
    """Sends the function every event, each order's in order; a failed batch is named in a queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        function: ServiceFunction,
        stream: EventStream,
    ) -> None:
        super().__init__(scope, construct_id)
        dead_letter_queue = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=f"{function.name}-dlq"
        )
        source = stream_arn(self, stage.names.ordered_stream)
        function.allow(source, *(f"kinesis:{action}" for action in READS))
        function.allow(dead_letter_queue.queue.queue_arn, "sqs:SendMessage")
        lambda_.CfnEventSourceMapping(
            self,
            "Resource",
            function_name=function.alias.function_arn,
            event_source_arn=source,
            starting_position="TRIM_HORIZON",
            batch_size=stream.batch_size,
            maximum_batching_window_in_seconds=stream.batching_window_seconds,
            parallelization_factor=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=MAXIMUM_RETRIES,
            function_response_types=["ReportBatchItemFailures"] if stream.reports_failures else None,
            maximum_record_age_in_seconds=MAXIMUM_RECORD_AGE.to_seconds(),
            destination_config={"onFailure": {"destination": dead_letter_queue.queue.queue_arn}},
        )
        add_alarms(self, STREAM_ALARMS, stage=stage, name=function.name, dimensions=function.dimensions)
        function.shift_traffic()
