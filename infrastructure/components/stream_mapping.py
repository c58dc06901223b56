"""The event source mapping from a table's stream to a function."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.service_function import ServiceFunction

MAXIMUM_RETRIES = 1000
"""It ends the retries of a record that can never succeed; the age ends those of an outage."""
MAXIMUM_RECORD_AGE = Duration.hours(12)
"""Half of the stream's 24 hours: a dead-lettered record can still be read from the stream."""

INSERTED = {"eventName": ["INSERT"]}
"""The filter for new rows; changes of a row do not pass."""


def has_attribute(attribute: str, kind: str) -> Mapping[str, Any]:
    """The filter for changes of a row that then has the attribute, of that DynamoDB type."""
    return {"dynamodb": {"NewImage": {attribute: {kind: [{"exists": True}]}}}}


class StreamMapping(Construct):
    """Sends each change that passes a filter, in its key's order; a failed one is named in a queue."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        function: ServiceFunction,
        table: dynamodb.Table,
        dead_letter_queue: sqs.Queue,
        filters: Sequence[Mapping[str, Any]] = (INSERTED,),
        parallelization_factor: int = 1,
    ) -> None:
        super().__init__(scope, construct_id)
        stream_arn = _stream_arn(table, stage)
        # ListStreams too has the stream as its resource:
        # https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-read-stream-only.html
        reads = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
        function.allow(stream_arn, *(f"dynamodb:{action}" for action in reads))
        function.allow(dead_letter_queue.queue_arn, "sqs:SendMessage")
        # The level-one mapping: the level-two one grants more on the dead-letter queue than SendMessage.
        lambda_.CfnEventSourceMapping(
            self,
            "Resource",
            function_name=function.alias.function_arn,
            event_source_arn=stream_arn,
            # LATEST may miss rows that are written while the mapping is created.
            starting_position="TRIM_HORIZON",
            batch_size=100,
            # Records of one partition key stay in order.
            parallelization_factor=parallelization_factor,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=MAXIMUM_RETRIES,
            maximum_record_age_in_seconds=MAXIMUM_RECORD_AGE.to_seconds(),
            function_response_types=["ReportBatchItemFailures"],
            filter_criteria={"filters": [{"pattern": json.dumps(each)} for each in filters]},
            destination_config={"onFailure": {"destination": dead_letter_queue.queue_arn}},
        )


def _stream_arn(table: dynamodb.Table, stage: Stage) -> str:
    """Return the table's stream, which is a new one if the table was restored.

    CloudFormation keeps the stream that the table had when it was created, so a setting names the new one.
    """
    name = str(cast("dynamodb.CfnTable", table.node.default_child).table_name)
    label = stage.settings.restored_streams.get(name.removeprefix(f"{stage.names.prefix}-"))
    return f"{table.table_arn}/stream/{label}" if label else str(table.table_stream_arn)
