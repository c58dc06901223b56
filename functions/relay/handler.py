"""The relay's handler: a batch of the event log's stream in, the failures' checkpoint out."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.relay.publisher import publish
from functions.shared.telemetry import telemetry

voice = telemetry("relay")


@voice.tracer.capture_lambda_handler(capture_response=False)
@voice.logger.inject_lambda_context
@voice.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:  # noqa: ARG001 - Lambda's signature
    """Publish every new fact; Lambda comes again from the first that was not taken.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    records = [record["dynamodb"] for record in event["Records"]]
    failed = publish([record["NewImage"]["event"]["S"] for record in records])
    published = len(records) if failed is None else failed
    voice.count("Published", published)
    if failed is None:
        return {"batchItemFailures": []}
    voice.count("PublishFailed")
    voice.logger.warning("not published", published=published, of=len(records))
    return {"batchItemFailures": [{"itemIdentifier": records[failed]["SequenceNumber"]}]}
