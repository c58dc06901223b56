"""The way in: outside producers' events from another broker, put on the ingress bus.

There they are validated, dead-lettered and deduplicated like those of any partner. What no rule of that bus
would match, or could run in a circle, is rejected here with a reason.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from functions.bridges.attempt import error_of
from functions.shared.contracts.codec import Rejected, UnknownFactError, read, read_envelope
from functions.shared.contracts.fact import PublishedFact
from functions.shared.contracts.log_context import LogContext
from functions.shared.runtime.clients import MAXIMUM_CALL_MS, events
from functions.shared.runtime.dead_letter import send_to_dead_letter_queue
from functions.shared.runtime.deadline import deadline
from functions.shared.runtime.environment import required
from functions.shared.runtime.event_batches import batched, entry_size
from functions.shared.runtime.telemetry import Telemetry

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

PERMANENT_CODES = frozenset({"InvalidArgument", "MalformedDetail", "RedactionFailure"})
"""Error codes of one entry that no retry can fix.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsResultEntry.html
"""


class NotTakenError(Exception):
    """EventBridge did not take an entry this time; retry."""


class Incoming(Struct, frozen=True, kw_only=True):
    """A record of another broker."""

    identifier: str
    """The name by which the source delivers it again, such as `orders-3:1042`."""
    arrived_ms: int
    """When the broker took it, in milliseconds since the epoch."""
    content: str
    """The body for the dead-letter queue: the CloudEvents document, or else the record as JSON."""
    document: Callable[[], str]
    """Return its CloudEvents document; raise `Rejected` if it has none."""


def admit(bridge: str, records: Sequence[Incoming], telemetry: Telemetry) -> list[str]:
    """Put the records on the ingress bus, and dead-letter those that can never be; return those to repeat.

    EventBridge keeps no order, so one that has to come again does not stop those behind it.
    """
    errors: dict[str, Exception] = {}
    entries: dict[str, PutEventsRequestEntryTypeDef] = {}
    for record in records:
        try:
            entries[record.identifier] = _entry(record.document())
        except Rejected as rejected:
            errors[record.identifier] = rejected
    for batch in batched(list(entries.items()), lambda named: entry_size(named[1])):
        errors |= _put(dict(batch))
    telemetry.count("Admitted", len(records) - len(errors))
    return [
        record.identifier
        for record in records
        if (error := errors.get(record.identifier)) and not _is_settled(bridge, record, error, telemetry)
    ]


def check_source(source: str) -> None:
    """Raise `Rejected` unless the stage names the source as an outside producer of this account."""
    if source not in json.loads(required("INGRESS_SOURCES")):
        raise Rejected("source_unauthorised", "the stage does not name it in ingress_sources")


def _entry(document: str) -> "PutEventsRequestEntryTypeDef":
    """Return the entry of an outside producer's event; raise `Rejected` for any other."""
    envelope = read_envelope(document)
    check_source(envelope.source)
    try:
        event = read(document)
    except UnknownFactError:
        raise Rejected("fact_unknown", "no consumer reads this type") from None
    if isinstance(event.fact, PublishedFact):
        raise Rejected("source_unauthorised", "only our own services publish this fact")
    event.fact.check()
    return {
        "EventBusName": required("INGRESS_BUS"),
        "Source": envelope.source,
        "DetailType": envelope.type,
        "Detail": document,
    }


def _put(entries: "Mapping[str, PutEventsRequestEntryTypeDef]") -> dict[str, Exception]:
    """Send one request; return the error of each entry that was not taken."""
    if not deadline().allows(2 * MAXIMUM_CALL_MS):  # this request, and one to dead-letter
        return dict.fromkeys(entries, NotTakenError("too little time is left"))
    results: list[Mapping[str, Any]] = []
    if error := error_of(lambda: results.extend(_results(list(entries.values())))):
        return dict.fromkeys(entries, error)
    # HTTP reports a partial failure as success: check each entry.
    found = ((name, _error_of(each)) for name, each in zip(entries, results, strict=True))
    return {name: error for name, error in found if error}


def _results(entries: "Sequence[PutEventsRequestEntryTypeDef]") -> Sequence[Mapping[str, Any]]:
    return events().put_events(Entries=entries)["Entries"]


def _error_of(result: Mapping[str, Any]) -> Exception | None:
    code = result.get("ErrorCode")
    if code is None:
        return None
    return Rejected("put_events_refused", code) if code in PERMANENT_CODES else NotTakenError(code)


def _is_settled(bridge: str, record: Incoming, error: Exception, telemetry: Telemetry) -> bool:
    """Dead-letter a record that can never be admitted; return False if it has to come again."""
    context = LogContext.of_document(record.content)
    fields: dict[str, Any] = {"record": record.identifier, **context.as_fields()}
    if not isinstance(error, Rejected):
        telemetry.count("NotAdmitted")
        telemetry.logger.warning("not admitted", error_class=type(error).__name__, **fields)
        return False
    attributes = {
        "reason": error.code,
        "event_id": context.event_id,
        "schema": context.schema,
        "detail": error.detail,
        "error_class": type(error).__name__,
        "consumer": bridge,
        "message_id": record.identifier,
        "first_seen": str(record.arrived_ms),
        "receive_count": "-",
    }
    if failure := error_of(lambda: send_to_dead_letter_queue(record.content, **attributes)):
        telemetry.count("NotDeadLettered")
        telemetry.logger.warning("not dead-lettered", error_class=type(failure).__name__, **fields)
        return False
    telemetry.count("DeadLettered")
    telemetry.logger.warning("dead-lettered", reason=error.code, **fields)
    return True
