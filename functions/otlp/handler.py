"""The Lambda handler of sampled traces: send the spans of a batch of the ordered stream to a collector.

A span's id is made from the event's, so a repeated record sends the same spans again.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.otlp.collector import Sent, send
from functions.otlp.sampled import SampledEvent, SampledRecord, history_of, sampled_event, spans_of
from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.runtime.batch import check_batch, handled_before
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import telemetry_of

telemetry = telemetry_of("otlp")


@telemetry.logger.inject_lambda_context
@telemetry.metrics.log_metrics
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Send the spans; return the first record whose spans have to be sent again."""
    deadline().serve(context)
    check_batch("aws:kinesis", event, identifier="eventID")
    failed = _deliver(_sampled(event["Records"]))
    telemetry.count("Handled", handled_before(failed, event["Records"]))
    if failed is None:
        return {"batchItemFailures": []}
    telemetry.count("Retried")
    telemetry.count_of_version("VersionBatchFailed")
    return {"batchItemFailures": [{"itemIdentifier": failed}]}


def _sampled(records: Sequence[Mapping[str, Any]]) -> list[SampledRecord]:
    """Return the records of sampled traces with their spans; each order is read once."""
    found: list[SampledRecord] = []
    histories: dict[str, list[SampledEvent]] = {}
    for record in records:
        try:
            event = sampled_event(record)
        except (Rejected, UnknownFactError) as error:
            telemetry.count("Unreadable")
            telemetry.logger.warning(
                "unreadable", event_id=record["eventID"], error_class=type(error).__name__
            )
            continue
        if event:
            history = histories.get(event.subject) or history_of(event)
            histories[event.subject] = history
            found.append(SampledRecord(record["kinesis"]["sequenceNumber"], spans_of(event, history)))
    return found


def _deliver(records: Sequence[SampledRecord]) -> str | None:
    """Send the records' spans; return the sequence number of the first one to send again.

    A request that the collector can never take is cut in two, until one record is to blame.
    """
    if not records:
        return None
    spans = [span for record in records for span in record.spans]
    receipt = send(spans)
    if receipt.sent is Sent.INVALID and len(records) > 1:
        half = len(records) // 2
        return _deliver(records[:half]) or _deliver(records[half:])
    if receipt.sent is Sent.LATER:
        telemetry.logger.warning("not sent", of=len(spans), reason=receipt.reason)
        return records[0].sequence
    rejected = len(spans) if receipt.sent is Sent.INVALID else receipt.rejected
    if rejected:
        telemetry.count("SpansRejected", rejected)
        telemetry.logger.warning("spans rejected", rejected=rejected, of=len(spans), reason=receipt.reason)
    telemetry.count("SpansSent", len(spans) - rejected)
    return None
