"""The Lambda handler of a service's queue: one reaction for each event, and one outcome for each message."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

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
from msgspec import Struct

from functions.shared.contracts.codec import Rejected, UnknownFactError
from functions.shared.contracts.delivery import Delivery, read_message
from functions.shared.contracts.envelope import Event
from functions.shared.contracts.fact import Fact, PublishedFact
from functions.shared.event_store.event_log import Appended
from functions.shared.event_store.idempotency import configuration
from functions.shared.runtime.batch import check_batch
from functions.shared.runtime.clients import MAXIMUM_CALL_MS
from functions.shared.runtime.dead_letter import dead_letter
from functions.shared.runtime.deadline import deadline, ran_out_of_time
from functions.shared.runtime.failure import NoReactionError, is_forgery, reason_of
from functions.shared.runtime.older_versions import ends_soon
from functions.shared.runtime.outcome_metrics import OTHER, MessageOutcome, OutcomeMetrics
from functions.shared.runtime.received import Received, check_delivery, is_skewed
from functions.shared.runtime.retry import retries
from functions.shared.runtime.telemetry import Telemetry, telemetry_of

Reaction = Callable[[Event[Any]], Appended | None]
"""Handle an event; return what it appended to the event log, if it appended anything."""
Reactions = Mapping[type[Fact], Reaction]
RunOnce = Callable[[Reaction, Delivery], MessageOutcome]
Handler = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]


@runtime_checkable
class BatchStore(Protocol):
    """A persistence layer that reads and writes the rows of several messages in one request.

    See docs/decisions/0054-one-request-for-several-messages.md.
    """

    def begin(self, events: Sequence[Event[Any]], /) -> None:
        """Take the readable events of a batch; none has been checked yet."""

    def take(self, event: Event[Any], /) -> None:
        """Take the checked event that is reacted to next."""

    def settle(self) -> Mapping[str, Exception]:
        """Write what no message has written; return the error of each event whose row is not there."""


RESERVE_MS = MAXIMUM_CALL_MS
"""Time left that a message needs to start: with less, one slow call to AWS would cut it off half-way."""


def consumer(
    service: str,
    reactions: Reactions,
    *,
    store: Callable[[], BasePersistenceLayer],
    accepts_replays: bool = True,
    reserve_ms: int = RESERVE_MS,
) -> Handler:
    """Return the Lambda handler of a service's queue; `store` remembers which events were handled.

    A service does not accept replays if its effects cannot be undone and it remembers them for a limited
    time. No message starts with less than `reserve_ms` of the invocation left; a service that calls somebody
    slower than AWS reserves more.
    """
    telemetry = telemetry_of(service)
    metrics = OutcomeMetrics(telemetry.metrics, [fact.__name__ for fact in reactions])
    receiver = _Receiver(
        reactions=reactions,
        accepts_replays=accepts_replays,
        reserve_ms=reserve_ms,
        telemetry=telemetry,
        metrics=metrics,
    )

    @telemetry.logger.inject_lambda_context
    @metrics.flushed()
    def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        check_batch("aws:sqs", event, identifier="messageId")
        retries().serve(context, telemetry)
        layer = store()
        batch = layer if isinstance(layer, BatchStore) else None
        if batch:
            batch.begin(_events(event))
        handled: list[_Handled] | None = [] if batch else None
        run_once = _run_once(service, layer, context)
        response = process_partial_response(
            event=event,
            # No partial: Powertools reads its signature in every invocation, which is slow.
            record_handler=lambda record: receiver.receive(record, run_once=run_once, handled=handled),
            processor=BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False),
            context=context,
        )
        failed = receiver.record(handled or (), batch.settle() if batch else {})
        response["batchItemFailures"] += [{"itemIdentifier": message_id} for message_id in failed]
        return response

    handler: Handler = handle
    return handler


def _events(event: Mapping[str, Any]) -> list[Event[Any]]:
    messages = (read_message(record["body"]) for record in event["Records"])
    return [message.delivery.event for message in messages if message.delivery]


def _run_once(service: str, store: BasePersistenceLayer, context: LambdaContext) -> RunOnce:
    """Return a function that runs a reaction unless the event had it before."""
    config = configuration(response_hook=lambda *_: MessageOutcome.DUPLICATE)
    # Without it a record of a reaction that was cut off would never be taken up again.
    config.register_lambda_context(context)

    @idempotent_function(  # type: ignore[untyped-decorator]  # untyped in Powertools 3.37
        data_keyword_argument="identity", persistence_store=store, config=config, key_prefix=f"{service}.v1"
    )
    def react(reaction: Reaction, event: Event[Fact], identity: dict[str, str]) -> MessageOutcome:  # noqa: ARG001 - Powertools reads it
        appended = reaction(event)
        is_repeated = appended is not None and appended.is_repeated_by(event)
        return MessageOutcome.DUPLICATE if is_repeated else MessageOutcome.HANDLED

    def run_once(reaction: Reaction, delivery: Delivery) -> MessageOutcome:
        event = delivery.event
        if isinstance(store, BatchStore):
            store.take(event)
        try:
            identity = {
                "event_id": event.identity,
                "subject": event.subject,
                "digest": delivery.digest,
            }
            return MessageOutcome(react(reaction, event, identity=identity))
        except IdempotencyValidationError:
            raise Rejected("id_collision", "another event has this id") from None

    return run_once


class _Handled(Struct, frozen=True):
    """A message that was handled, unless its row cannot be written at the end of the batch."""

    received: Received
    delivery: Delivery
    outcome: MessageOutcome


class _Receiver(Struct, frozen=True, kw_only=True):
    """The messages of one service's queue."""

    reactions: Reactions
    accepts_replays: bool
    reserve_ms: int
    telemetry: Telemetry
    metrics: OutcomeMetrics

    def receive(self, record: SQSRecord, *, run_once: RunOnce, handled: list[_Handled] | None) -> None:
        """Handle, ignore or dead-letter one message; raise if Lambda has to deliver it again.

        Record its outcome, or add it to `handled` where rows are written at the end of the batch.

        Only what the queue is subscribed to arrives. So a fact without a reaction here is for another
        version, which shares the queue during a deployment: it is retried, never acknowledged.
        """
        received = Received.of(record)
        try:
            deadline().require(self.reserve_ms)
            arrival = received.arrival()
            delivery = check_delivery(received.message.required_delivery(), arrival)
            if is_skewed(delivery, arrival):
                self.telemetry.count("ClockSkewed")
            if delivery.is_replayed:
                self.telemetry.count("Replayed")
            elif delivery.event.major < type(delivery.event.fact).version:
                self._count_older(received, delivery.event)
            message = _Handled(received, delivery, self._react(delivery, run_once))
            if handled is None:
                self._record(message)
            else:
                handled.append(message)
        except Exception as failure:
            if isinstance(failure, NoReactionError | UnknownFactError):
                self.telemetry.count("NoReaction")
            if not self._is_dead_lettered(received, failure):
                raise

    def record(self, handled: Iterable[_Handled], lost: Mapping[str, Exception]) -> Iterator[str]:
        """Record the outcome of each message; yield the id of each that Lambda has to deliver again.

        `lost` has the error of each event whose row could not be written.
        """
        for message in handled:
            failure = lost.get(message.delivery.event.identity)
            if failure is None:
                self._record(message)
            elif not self._is_dead_lettered(message.received, failure):
                yield message.received.record.message_id

    def _is_dead_lettered(self, received: Received, failure: Exception) -> bool:
        """Dead-letter a message that no delivery would help; return False if it has to come again."""
        if _is_final(received, failure):
            return self._dead_letter(received, failure)
        self._retry(received, failure)
        return False

    def _react(self, delivery: Delivery, run_once: RunOnce) -> MessageOutcome:
        if delivery.is_replayed and not self.accepts_replays:
            return MessageOutcome.IGNORED
        name = type(delivery.event.fact).__name__
        reaction = self.reactions.get(type(delivery.event.fact))
        if reaction is None:
            raise NoReactionError(f"this version has no reaction to {name}")
        return run_once(reaction, delivery)

    def _count_older(self, received: Received, event: Event[Fact]) -> None:
        """Count an event of an older version by event and version: when none is left, it can be retired."""
        self.telemetry.count_by("OlderVersion", event=type(event.fact).__name__, version=str(event.major))
        if ends_soon(event):
            self.telemetry.count("OlderVersionEndsSoon")
            party = event.party or f"our account:{event.fact.owner}"
            self.telemetry.logger.warning("older version ends soon", party=party, **received.as_fields())

    def _record(self, message: _Handled) -> None:
        """Count the outcome, measure the event's age, and log a sample of the orders."""
        received, delivery, outcome = message.received, message.delivery, message.outcome
        event = delivery.event
        self.metrics.count(outcome, type(event.fact).__name__)
        # The age of a replayed event or a partner's says nothing about our delay.
        is_ours = isinstance(event.fact, PublishedFact)
        if outcome is MessageOutcome.HANDLED and is_ours and not delivery.is_replayed:
            self.metrics.measure_age(max(0.0, (datetime.now(UTC) - event.time) / timedelta(milliseconds=1)))
        if self.telemetry.logs_successes_of(received.message.context.correlation_id):
            self.telemetry.logger.info(outcome.lower(), **received.as_fields())

    def _retry(self, received: Received, failure: Exception) -> None:
        """Count and log the failure; another invocation that handles the same event is none."""
        if isinstance(failure, IdempotencyAlreadyInProgressError):
            self.telemetry.count("AlreadyInProgress")
            return
        self.metrics.count(MessageOutcome.RETRIED, received.fact_name() or OTHER)
        self.telemetry.count_of_version("VersionRetried")
        self._log("retried", received, failure)

    def _dead_letter(self, received: Received, failure: Exception) -> bool:
        """Dead-letter the message; count, log and return False if that fails, so that it comes again."""
        if is_forgery(failure):
            self.telemetry.count("Forged")
        try:
            dead_letter(received, failure, consumer=str(self.telemetry.metrics.service))
        except Exception as error:  # noqa: BLE001 - after any error the message comes again
            self.telemetry.count("NotDeadLettered")
            self._log("not dead-lettered", received, error)
            return False
        self.metrics.count(MessageOutcome.DEAD_LETTERED, received.fact_name() or OTHER)
        self.telemetry.count_of_version("VersionDeadLettered")
        self._log("dead-lettered", received, failure)
        return True

    def _log(self, message: str, received: Received, failure: Exception) -> None:
        self.telemetry.logger.warning(
            message, error_class=type(failure).__name__, reason=reason_of(failure), **received.as_fields()
        )


def _is_final(received: Received, failure: Exception) -> bool:
    """Return whether another delivery of the message would not help, or there will be none."""
    return isinstance(failure, Rejected) or (received.is_last_receive() and not ran_out_of_time(failure))
