"""The way out in order: the Lambda handler of a bridge that reads the ordered stream.

An event leaves only after all earlier ones of its aggregate were acknowledged. After a failure the rest of
the shard comes again: a consumer sees some twice, with the same id, and none too early.
"""

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.bridges.attempt import error_of
from functions.bridges.cloud_event import binary_event
from functions.bridges.outbound import Handler, Outgoing, Send, selects
from functions.shared.runtime.batch import check_batch, handled_before
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.telemetry import Telemetry, telemetry_of


def ordered_bridge(name: str, send: Send) -> Handler:
    """Return the Lambda handler of the bridge's shards."""
    telemetry = telemetry_of(name)

    @telemetry.logger.inject_lambda_context
    @telemetry.metrics.log_metrics
    def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        deadline().serve(context)
        check_batch("aws:kinesis", event, identifier="eventID")
        events = [each for record in event["Records"] if (each := _selected(record))]
        failed = _carry(events, send, telemetry)
        telemetry.count("Handled", handled_before(failed, event["Records"]))
        return {"batchItemFailures": [{"itemIdentifier": failed}] if failed else []}

    handler: Handler = handle
    return handler


def waves(events: Sequence[Outgoing]) -> Iterator[list[Outgoing]]:
    """Yield the events in groups that have each key at most once, each key's in order."""
    rest = list(events)
    while rest:
        wave = list({each.event.key: each for each in reversed(rest)}.values())[::-1]
        yield wave
        sent = {each.message_id for each in wave}
        rest = [each for each in rest if each.message_id not in sent]


def _carry(events: Sequence[Outgoing], send: Send, telemetry: Telemetry) -> str | None:
    """Send wave by wave; return the sequence number of the first event that has to come again."""
    done: set[str] = set()
    for wave in waves(events):
        errors: dict[str, Exception] = {}
        if error := error_of(_sending(send, wave, errors)):
            errors = dict.fromkeys((each.message_id for each in wave), error)
        done.update(each.message_id for each in wave if each.message_id not in errors)
        if errors:
            telemetry.count("Retried", len(errors))
            classes = sorted({type(each).__name__ for each in errors.values()})
            telemetry.logger.warning("not sent", of=len(wave), failed=len(errors), error_classes=classes)
            break
    telemetry.count("Sent", len(done))
    return next((each.message_id for each in events if each.message_id not in done), None)


def _sending(send: Send, wave: Sequence[Outgoing], errors: dict[str, Exception]) -> Callable[[], None]:
    return lambda: errors.update(send(wave))


def _selected(record: Mapping[str, Any]) -> Outgoing | None:
    """Return the event of a record of the stream; None if the stage does not select its fact."""
    event = binary_event(base64.b64decode(record["kinesis"]["data"]))
    if not selects(event.attributes["type"]):
        return None
    return Outgoing(record["kinesis"]["sequenceNumber"], event)
