"""The relay's handler: a batch of the event log's stream in, the failures' checkpoint out."""

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.relay.publisher import publish
from functions.relay.rows import Row, inserted
from functions.shared.contracts.codec import Rejected
from functions.shared.contracts.delivery import UNREADABLE, labels_of_document
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.batch import refuse_other_than
from functions.shared.runtime.dead_letter import send_to_dead_letter_queue
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("relay")


@telemetry.tracer.capture_lambda_handler(capture_response=False)
@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Publish every new fact; Lambda comes again from the first that was not taken or had no time left.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
    """
    deadline().serve(context)
    refuse_other_than("aws:dynamodb", event, identifier="eventID")
    rows = inserted(event["Records"])
    if len(rows) < len(event["Records"]):
        telemetry.count("Skipped", len(event["Records"]) - len(rows))
    outcome = publish(rows, on_published=_say_published, set_aside=_dead_letter)
    telemetry.count("Published", outcome.published)
    if outcome.failed is None:
        return {"batchItemFailures": []}
    telemetry.count("PublishFailed")
    telemetry.logger.warning("not published", published=outcome.published, of=len(rows))
    return {"batchItemFailures": [{"itemIdentifier": outcome.failed.sequence_number}]}


def _say_published(row: Row) -> None:
    trail = LogContext.of_document(row.document)
    if trail.trace_id != UNREADABLE and telemetry.logs_successes_of(trail.trace_id):
        telemetry.logger.info("published", **trail.as_fields())


def _dead_letter(row: Row, rejected: Rejected) -> bool:
    """Keep the row for a person, with the reason on it; False where SQS does not, and the row comes again."""
    event_id, schema = labels_of_document(row.document)
    row_says: dict[str, Any] = {"reason": rejected.code, **LogContext.of_document(row.document).as_fields()}
    try:
        send_to_dead_letter_queue(
            row.document,
            reason=rejected.code,
            event_id=event_id,
            schema=schema,
            detail=rejected.detail,
            error_class=type(rejected).__name__,
            consumer="relay",
            message_id=row.sequence_number,
            first_seen=row.written_at,
            receive_count="-",
        )
    except Exception as obstacle:  # noqa: BLE001 - whatever it is, the row is neither published nor kept
        telemetry.count("NotParked")
        telemetry.logger.warning("not parked", error_class=type(obstacle).__name__, **row_says)
        return False
    telemetry.count("Parked")
    telemetry.logger.warning("parked", **row_says)
    return True
