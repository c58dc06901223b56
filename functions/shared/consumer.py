"""From a batch of queue messages to decisions: each read, handed to its reaction once, and accounted for.

A message ends in one of five ways: handled, known from before, ignored, parked with a reason, or retried.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.idempotency import idempotent_function
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.shared.batch import refuse_other_than
from functions.shared.clients import LONGEST_CALL
from functions.shared.contention import contention
from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.contracts.delivery import UNREADABLE, Delivery, labels_of
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact, StatedFact
from functions.shared.contracts.trail import Trail, trace_id_of
from functions.shared.deadline import deadline, ran_out_of_time
from functions.shared.environment import required
from functions.shared.event_log import event_log
from functions.shared.failure import is_forgery, reason_of
from functions.shared.idempotency import configuration
from functions.shared.parking import park
from functions.shared.plausibility import Arrival, accept, is_skewed
from functions.shared.tally import OTHER, End, Tally
from functions.shared.telemetry import Telemetry, telemetry

Reaction = Callable[[Event[Any]], object]
Reactions = Mapping[type[Fact], Reaction]
Handler = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]

SPARE = LONGEST_CALL
"""Milliseconds; a message that is begun with less may be cut off half-way, where AWS is slow once."""


def consumer(
    service: str,
    reactions: Reactions,
    *,
    store: Callable[[], BasePersistenceLayer],
    hears_replays: bool = True,
    spare: int = SPARE,
) -> Handler:
    """The Lambda handler of a service's queue: `store` remembers which events had their reaction.

    History that is told again is not for a service whose effects cannot be taken back, and which remembers
    them for a while only. No message is begun with less time left than `spare`, in milliseconds, which a
    service raises whose reactions wait for somebody slower than AWS.
    """
    voice = telemetry(service)
    tally = Tally(voice.metrics, [fact.__name__ for fact in reactions])

    @voice.tracer.capture_lambda_handler(capture_response=False)
    @voice.logger.inject_lambda_context
    @tally.published()
    def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        refuse_other_than("aws:sqs", event, identifier="messageId")
        contention().serve(context, voice)
        react = _once(service, reactions, store(), context)
        if not hears_replays:
            react = _first_hand(react)
        refuse_late = partial(deadline().require, spare)
        receive = partial(_receive, react=react, voice=voice, tally=tally, refuse_late=refuse_late)
        return process_partial_response(
            event=event,
            record_handler=receive,
            processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
            context=context,
        )

    handler: Handler = handle
    return handler


def _once(
    service: str,
    reactions: Reactions,
    store: BasePersistenceLayer,
    context: LambdaContext,
) -> Callable[[Delivery], End]:
    """Run an event's reaction, if there is one and it has not had it."""
    config = configuration()
    # Without it a record of a reaction that was cut off would never be taken up again.
    config.register_lambda_context(context)

    @idempotent_function(  # type: ignore[untyped-decorator]  # untyped in Powertools 3.37
        data_keyword_argument="delivery", persistence_store=store, config=config, key_prefix=f"{service}.v1"
    )
    def react_once(delivery: dict[str, str], reaction: Reaction, event: Event[Fact], ran: list[str]) -> str:
        reaction(event)
        ran.append(event.id)
        return delivery["event_id"]

    def react(delivery: Delivery) -> End:
        event = delivery.event
        reaction = reactions.get(type(event.fact))
        if reaction is None:
            return End.IGNORED
        identity, ran = {"event_id": event.identity, "digest": delivery.digest}, list[str]()
        repeats = event_log().repeats
        try:
            react_once(delivery=identity, reaction=reaction, event=event, ran=ran)
        except IdempotencyValidationError:
            raise Rejected("id_collision", "another event has had this id") from None
        return End.HANDLED if ran and event_log().repeats == repeats else End.DUPLICATE

    return react


def _first_hand(react: Callable[[Delivery], End]) -> Callable[[Delivery], End]:
    """The same, of events that are not replayed; the others have no reaction."""
    return lambda delivery: End.IGNORED if delivery.is_replayed else react(delivery)


def _receive(
    record: SQSRecord,
    *,
    react: Callable[[Delivery], End],
    voice: Telemetry,
    tally: Tally,
    refuse_late: Callable[[], None],
) -> None:
    """One message, to its end or to its next try; raises what makes Lambda deliver it again."""
    try:
        refuse_late()
        delivery = _read(record, voice)
        end = react(delivery)
        _account_for(delivery, end, tally)
        if voice.logs_successes_of(trace_id_of(delivery.event.cause.traceparent)):
            voice.logger.info(end.lower(), **_where(record))
    except UnknownFactError:
        tally.count(End.IGNORED, OTHER)
        voice.count("UnknownFact")
    except Exception as failure:
        if not (isinstance(failure, Rejected) or (_is_last_try(record) and not ran_out_of_time(failure))):
            _try_again(record, failure, voice, tally)
            raise
        _set_aside(record, failure, voice, tally)


def _account_for(delivery: Delivery, end: End, tally: Tally) -> None:
    """Count it, and measure its age where that says how far behind we are: not a replay's, or a partner's."""
    event = delivery.event
    tally.count(end, type(event.fact).__name__)
    if end is End.HANDLED and isinstance(event.fact, StatedFact) and not delivery.is_replayed:
        tally.measure_age(max(0.0, (datetime.now(UTC) - event.time) / timedelta(milliseconds=1)))


def _read(record: SQSRecord, voice: Telemetry) -> Delivery:
    """Return what the message brings, if it is acceptable."""
    arrival = Arrival.sent(record.attributes.sent_timestamp, arn=record.event_source_arn)
    delivery = accept(record.body, arrival)
    if is_skewed(delivery, arrival):
        voice.count("ClockSkewed")
    if delivery.is_replayed:
        voice.count("Replayed")
    return delivery


def _try_again(record: SQSRecord, failure: Exception, voice: Telemetry, tally: Tally) -> None:
    """Count it; an event that somebody else has in hand just now is no failure to speak of."""
    if isinstance(failure, IdempotencyAlreadyInProgressError):
        voice.count("AlreadyInProgress")
        return
    tally.count(End.RETRIED, _fact_in(record))
    _report("retried", record, failure, voice)


def _set_aside(record: SQSRecord, failure: Exception, voice: Telemetry, tally: Tally) -> None:
    """Park the message; where that cannot be done it is said, and the message comes again."""
    if is_forgery(failure):
        voice.count("Forged")
    try:
        park(record, failure, consumer=str(voice.metrics.service))
    except Exception as obstacle:
        voice.count("NotParked")
        _report("not parked", record, obstacle, voice)
        raise
    tally.count(End.PARKED, _fact_in(record))
    _report("parked", record, failure, voice)


def _is_last_try(record: SQSRecord) -> bool:
    """Whether SQS itself would set the message aside next, and without a reason on it."""
    return int(record.attributes.approximate_receive_count) >= int(required("MAX_RECEIVE_COUNT"))


def _report(outcome: str, record: SQSRecord, failure: Exception, voice: Telemetry) -> None:
    """One line about a message that failed: never its body."""
    voice.logger.warning(
        outcome, error_class=type(failure).__name__, reason=reason_of(failure), **_where(record)
    )


def _fact_in(record: SQSRecord) -> str:
    """The fact that the message is said to bring."""
    _, schema = labels_of(record.body)
    return OTHER if schema == UNREADABLE else schema.split(":")[-2]


def _where(record: SQSRecord) -> dict[str, Any]:
    """What a log line says of a message: where it belongs, and how often it has come."""
    return {
        **Trail.of(record.body).as_fields(),
        "message_id": record.message_id,
        "receive_count": record.attributes.approximate_receive_count,
    }
