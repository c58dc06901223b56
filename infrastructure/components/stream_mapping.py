"""What hands a table's stream to a function."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.components.service_function import ServiceFunction

RETRIES = 1000
RECORD_AGE = Duration.hours(12)
"""Half of the stream's 24 hours: what is given up can still be read from the stream.

The age is meant to end an outage's retries, their number those of a record that can never succeed.
"""


INSERTED = {"eventName": ["INSERT"]}
"""The filter that lets new rows through, and no change of one."""


class StreamMapping(Construct):
    """Every change that a filter lets through, in its key's order; what is given up is named in a queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: ServiceFunction,
        table: dynamodb.Table,
        dead_letters: sqs.Queue,
        filters: Sequence[Mapping[str, Any]] = (INSERTED,),
    ) -> None:
        super().__init__(scope, construct_id)
        stream_arn = str(table.table_stream_arn)
        # ListStreams too takes the stream as its resource:
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-read-stream-only.html
        reads = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        function.allow(stream_arn, *(f"dynamodb:{action}" for action in reads))
        function.allow(dead_letters.queue_arn, "sqs:SendMessage")
        # The level-one mapping: the level-two one grants more on the dead-letter queue than SendMessage.
        lambda_.CfnEventSourceMapping(
            self,
            "Resource",
            function_name=function.alias.function_arn,
            event_source_arn=stream_arn,
            # LATEST may miss what is written while the mapping is being made.
            starting_position="TRIM_HORIZON",
            batch_size=100,
            parallelization_factor=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=RETRIES,
            maximum_record_age_in_seconds=RECORD_AGE.to_seconds(),
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria={"filters": [{"pattern": json.dumps(each)} for each in filters]},
            destination_config={"onFailure": {"destination": dead_letters.queue_arn}},
        )
