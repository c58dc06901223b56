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

from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.contracts.delivery import UNREADABLE, Delivery, labels_of
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact, PublishedFact
from functions.shared.contracts.log_context import LogContext, trace_id_of
from functions.shared.event_store.event_log import event_log
from functions.shared.event_store.powertools_layer import configuration
from functions.shared.runtime.batch import refuse_other_than
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.dead_letter import dead_letter
from functions.shared.runtime.deadline import deadline, ran_out_of_time
from functions.shared.runtime.environment import required
from functions.shared.runtime.failure import is_forgery, reason_of
from functions.shared.runtime.outcome_metrics import OTHER, MessageOutcome, OutcomeMetrics
from functions.shared.runtime.plausibility import Arrival, accept, is_skewed
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import Telemetry, telemetry_of

Reaction = Callable[[Event[Any]], object]
Reactions = Mapping[type[Fact], Reaction]
Handler = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]

SPARE = MAXIMUM_CALL_MS
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
    telemetry = telemetry_of(service)
    tally = OutcomeMetrics(telemetry.metrics, [fact.__name__ for fact in reactions])

    @telemetry.tracer.capture_lambda_handler(capture_response=False)
    @telemetry.logger.inject_lambda_context
    @tally.published()
    def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        refuse_other_than("aws:sqs", event, identifier="messageId")
        retries().serve(context, telemetry)
        react = _once(service, reactions, store(), context)
        if not hears_replays:
            react = _first_hand(react)
        refuse_late = partial(deadline().require, spare)
        receive = partial(_receive, react=react, telemetry=telemetry, tally=tally, refuse_late=refuse_late)
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
) -> Callable[[Delivery], MessageOutcome]:
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

    def react(delivery: Delivery) -> MessageOutcome:
        event = delivery.event
        reaction = reactions.get(type(event.fact))
        if reaction is None:
            return MessageOutcome.IGNORED
        identity, ran = {"event_id": event.identity, "digest": delivery.digest}, list[str]()
        repeats = event_log().repeats
        try:
            react_once(delivery=identity, reaction=reaction, event=event, ran=ran)
        except IdempotencyValidationError:
            raise Rejected("id_collision", "another event has had this id") from None
        return MessageOutcome.HANDLED if ran and event_log().repeats == repeats else MessageOutcome.DUPLICATE

    return react


def _first_hand(react: Callable[[Delivery], MessageOutcome]) -> Callable[[Delivery], MessageOutcome]:
    """The same, of events that are not replayed; the others have no reaction."""
    return lambda delivery: MessageOutcome.IGNORED if delivery.is_replayed else react(delivery)


def _receive(
    record: SQSRecord,
    *,
    react: Callable[[Delivery], MessageOutcome],
    telemetry: Telemetry,
    tally: OutcomeMetrics,
    refuse_late: Callable[[], None],
) -> None:
    """One message, to its end or to its next try; raises what makes Lambda deliver it again."""
    try:
        refuse_late()
        delivery = _read(record, telemetry)
        end = react(delivery)
        _account_for(delivery, end, tally)
        if telemetry.logs_successes_of(trace_id_of(delivery.event.cause.traceparent)):
            telemetry.logger.info(end.lower(), **_where(record))
    except UnknownFactError:
        tally.count(MessageOutcome.IGNORED, OTHER)
        telemetry.count("UnknownFact")
    except Exception as failure:
        if not (isinstance(failure, Rejected) or (_is_last_try(record) and not ran_out_of_time(failure))):
            _try_again(record, failure, telemetry, tally)
            raise
        _dead_letter(record, failure, telemetry, tally)


def _account_for(delivery: Delivery, end: MessageOutcome, tally: OutcomeMetrics) -> None:
    """Count it, and measure its age where that says how far behind we are: not a replay's, or a partner's."""
    event = delivery.event
    tally.count(end, type(event.fact).__name__)
    if end is MessageOutcome.HANDLED and isinstance(event.fact, PublishedFact) and not delivery.is_replayed:
        tally.measure_age(max(0.0, (datetime.now(UTC) - event.time) / timedelta(milliseconds=1)))


def _read(record: SQSRecord, telemetry: Telemetry) -> Delivery:
    """Return what the message brings, if it is acceptable."""
    arrival = Arrival.sent(record.attributes.sent_timestamp, arn=record.event_source_arn)
    delivery = accept(record.body, arrival)
    if is_skewed(delivery, arrival):
        telemetry.count("ClockSkewed")
    if delivery.is_replayed:
        telemetry.count("Replayed")
    return delivery


def _try_again(record: SQSRecord, failure: Exception, telemetry: Telemetry, tally: OutcomeMetrics) -> None:
    """Count it; an event that somebody else has in hand just now is no failure to speak of."""
    if isinstance(failure, IdempotencyAlreadyInProgressError):
        telemetry.count("AlreadyInProgress")
        return
    tally.count(MessageOutcome.RETRIED, _fact_in(record))
    _report("retried", record, failure, telemetry)


def _dead_letter(record: SQSRecord, failure: Exception, telemetry: Telemetry, tally: OutcomeMetrics) -> None:
    """Park the message; where that cannot be done it is said, and the message comes again."""
    if is_forgery(failure):
        telemetry.count("Forged")
    try:
        dead_letter(record, failure, consumer=str(telemetry.metrics.service))
    except Exception as obstacle:
        telemetry.count("NotParked")
        _report("not parked", record, obstacle, telemetry)
        raise
    tally.count(MessageOutcome.PARKED, _fact_in(record))
    _report("parked", record, failure, telemetry)


def _is_last_try(record: SQSRecord) -> bool:
    """Whether SQS itself would set the message aside next, and without a reason on it."""
    return int(record.attributes.approximate_receive_count) >= int(required("MAX_RECEIVE_COUNT"))


def _report(outcome: str, record: SQSRecord, failure: Exception, telemetry: Telemetry) -> None:
    """One line about a message that failed: never its body."""
    telemetry.logger.warning(
        outcome, error_class=type(failure).__name__, reason=reason_of(failure), **_where(record)
    )


def _fact_in(record: SQSRecord) -> str:
    """The fact that the message is said to bring."""
    _, schema = labels_of(record.body)
    return OTHER if schema == UNREADABLE else schema.split(":")[-2]


def _where(record: SQSRecord) -> dict[str, Any]:
    """What a log line says of a message: where it belongs, and how often it has come."""
    return {
        **LogContext.of(record.body).as_fields(),
        "message_id": record.message_id,
        "receive_count": record.attributes.approximate_receive_count,
    }
