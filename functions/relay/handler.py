"""The Lambda handler of the relay: publish a batch of the event log's stream."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.relay.publisher import publish
from functions.relay.rows import Row, inserted
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.log_context import UNREADABLE, LogContext
from functions.shared.runtime.batch import check_batch
from functions.shared.runtime.dead_letter import send_to_dead_letter_queue
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("relay")


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Publish every new row; return the first one that has to come again.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    deadline().serve(context)
    check_batch("aws:dynamodb", event, identifier="eventID")
    rows = inserted(event["Records"])
    if len(rows) < len(event["Records"]):
        telemetry.count("Skipped", len(event["Records"]) - len(rows))
    publication = publish(rows, on_published=_log_published, dead_letter=_dead_letter)
    telemetry.count("Published", publication.published)
    if publication.failed is None:
        return {"batchItemFailures": []}
    telemetry.count("PublishFailed")
    telemetry.count_of_version("VersionBatchFailed")
    telemetry.logger.warning("not published", published=publication.published, of=len(rows))
    return {"batchItemFailures": [{"itemIdentifier": publication.failed.sequence_number}]}


def _log_published(row: Row) -> None:
    log_context = LogContext.of_document(row.document)
    correlation_id = log_context.correlation_id
    if correlation_id != UNREADABLE and telemetry.logs_successes_of(correlation_id):
        telemetry.logger.info("published", **log_context.as_fields())


def _dead_letter(row: Row, rejected: Rejected) -> bool:
    """Dead-letter the row with the reason; return False if SQS does not take it, so that it comes again."""
    log_context = LogContext.of_document(row.document)
    fields: dict[str, Any] = {"reason": rejected.code, **log_context.as_fields()}
    try:
        send_to_dead_letter_queue(
            row.document,
            reason=rejected.code,
            event_id=log_context.event_id,
            schema=log_context.schema,
            detail=rejected.detail,
            error_class=type(rejected).__name__,
            consumer="relay",
            message_id=row.sequence_number,
            first_seen=row.written_at,
            receive_count="-",
        )
    except Exception as error:  # noqa: BLE001 - after any error the row comes again
        telemetry.count("NotDeadLettered")
        telemetry.logger.warning("not dead-lettered", error_class=type(error).__name__, **fields)
        return False
    telemetry.count("DeadLettered")
    telemetry.count_of_version("VersionDeadLettered")
    telemetry.logger.warning("dead-lettered", **fields)
    return True
