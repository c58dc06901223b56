"""The Lambda handler of the ordered stream: put a batch of the event log's stream on it."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.shared.runtime.batch import check_batch
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import telemetry_of
from functions.stream.publisher import put_in_order
from functions.stream.records import inserted

telemetry = telemetry_of("stream")


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Put every new event on the stream; return the first one that has to come again.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    deadline().serve(context)
    check_batch("aws:dynamodb", event, identifier="eventID")
    records = inserted(event["Records"])
    batch = put_in_order(records)
    telemetry.count("Streamed", batch.put)
    if batch.failed is None:
        return {"batchItemFailures": []}
    telemetry.count("StreamingFailed")
    telemetry.count_of_version("VersionBatchFailed")
    telemetry.logger.warning("not streamed", streamed=batch.put, of=len(records))
    return {"batchItemFailures": [{"itemIdentifier": batch.failed.sequence_number}]}
