"""The way out: the Lambda handler of a bridge's queue, which acknowledges each message by itself.

At least once, and always with the same CloudEvents id, by which the broker's consumers recognise a
duplicate. A record of what was sent would be lost as easily as the broker's acknowledgement, so it would
cost a write for each event and prevent no duplicate (docs/decisions/0070-one-shape-of-all-bridges.md).
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import Raw, Struct, field

from functions.bridges.attempt import error_of
from functions.bridges.cloud_event import BinaryEvent, binary_event
from functions.shared.contracts.codec import Rejected, decode
from functions.shared.contracts.delivery import Delivery
from functions.shared.contracts.domain_contracts import domain_contracts
from functions.shared.contracts.fact import PublishedFact
from functions.shared.runtime.batch import check_batch
from functions.shared.runtime.dead_letter import dead_letter
from functions.shared.runtime.deadline import deadline, ran_out_of_time
from functions.shared.runtime.failure import detail_of, is_forgery, reason_of
from functions.shared.runtime.outcome_metrics import OTHER, MessageOutcome, OutcomeMetrics
from functions.shared.runtime.received import Received, check_delivery
from functions.shared.runtime.telemetry import Telemetry, telemetry_of

FACTS = "FACTS"
"""The environment variable with the facts that the stage selects; without it, all."""


class NotAcknowledgedError(Exception):
    """The broker did not acknowledge an event this time; retry."""


class Outgoing(Struct, frozen=True):
    """An event to send, and the id of its message, by which a failure is reported."""

    message_id: str
    event: BinaryEvent


Send = Callable[[Sequence[Outgoing]], Mapping[str, Exception]]
"""Send the events; return the error of each that the broker did not acknowledge, by its message's id.

`Rejected` is for an event that the broker can never take. An error that is raised is the error of them all.
It must return before the invocation ends: `deadline()` knows how much time is left.
"""
Handler = Callable[[dict[str, Any], LambdaContext], PartialItemFailureResponse]


class _Bus(Struct, frozen=True):
    """EventBridge's wrapping, of which only the document goes on."""

    detail: Raw


class _Wrapped(Struct, frozen=True):
    """SNS's wrapping, where delivery is not raw."""

    message: str = field(name="Message")


def bridge(name: str, send: Send) -> Handler:
    """Return the Lambda handler of the bridge's queue."""
    telemetry = telemetry_of(name)
    own = [name for name, fact in domain_contracts().facts.items() if issubclass(fact, PublishedFact)]
    metrics = OutcomeMetrics(telemetry.metrics, own)
    way_out = _WayOut(send=send, telemetry=telemetry, metrics=metrics)

    @telemetry.logger.inject_lambda_context
    @metrics.flushed()
    def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
        deadline().serve(context)
        check_batch("aws:sqs", event, identifier="messageId")
        failed = way_out.carry([Received.of(SQSRecord(record)) for record in event["Records"]])
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    handler: Handler = handle
    return handler


@cache
def selects(fact: str) -> bool:
    """Return whether the stage selects the fact; a replay may hold others."""
    selected = json.loads(os.environ.get(FACTS, "null"))
    return selected is None or fact in selected


class _WayOut(Struct, frozen=True, kw_only=True):
    """The messages of one bridge's queue."""

    send: Send
    telemetry: Telemetry
    metrics: OutcomeMetrics

    def carry(self, messages: Sequence[Received]) -> list[str]:
        """Send what can be sent; return the ids of the messages that have to come again."""
        deliveries: dict[str, Delivery] = {}
        failures: dict[str, Exception] = {}
        for each in messages:
            if error := error_of(partial(_read, each, deliveries)):
                failures[each.record.message_id] = error
        readable = [each for each in messages if each.record.message_id in deliveries]
        chosen = [each for each in readable if selects(_name(deliveries[each.record.message_id]))]
        failures |= self._sent(chosen)
        for each in readable:
            if each.record.message_id not in failures:
                outcome = MessageOutcome.HANDLED if each in chosen else MessageOutcome.IGNORED
                self._record(each, deliveries[each.record.message_id], outcome)
        failed = [each for each in messages if each.record.message_id in failures]
        return [
            each.record.message_id
            for each in failed
            if not self._is_settled(each, failures[each.record.message_id])
        ]

    def _sent(self, messages: Sequence[Received]) -> Mapping[str, Exception]:
        """Send the messages together; return the errors by message id."""
        records = [each.record for each in messages]
        outgoing = [Outgoing(each.message_id, binary_event(_detail(each.body))) for each in records]
        errors: dict[str, Exception] = {}
        if outgoing and (error := error_of(lambda: errors.update(self.send(outgoing)))):
            return dict.fromkeys((each.message_id for each in outgoing), error)
        return errors

    def _record(self, received: Received, delivery: Delivery, outcome: MessageOutcome) -> None:
        event = delivery.event
        self.metrics.count(outcome, _name(delivery))
        if outcome is MessageOutcome.HANDLED and not delivery.is_replayed:
            self.metrics.measure_age(max(0.0, (datetime.now(UTC) - event.time) / timedelta(milliseconds=1)))
        if self.telemetry.logs_successes_of(received.message.context.correlation_id):
            self.telemetry.logger.info(outcome.lower(), **received.as_fields())

    def _is_settled(self, received: Received, failure: Exception) -> bool:
        """Dead-letter a message that can never be sent, or comes for the last time; otherwise say no."""
        is_last = received.is_last_receive() and not ran_out_of_time(failure)
        fact = received.fact_name() or OTHER
        if not (isinstance(failure, Rejected) or is_last):
            self.metrics.count(MessageOutcome.RETRIED, fact)
            self.telemetry.count_of_version("VersionRetried")
            self._log("retried", received, failure)
            return False
        consumer = str(self.telemetry.metrics.service)
        if error := error_of(lambda: dead_letter(received, failure, consumer=consumer)):
            self.telemetry.count("NotDeadLettered")
            self._log("not dead-lettered", received, error)
            return False
        if is_forgery(failure):
            self.telemetry.count("Forged")
        self.metrics.count(MessageOutcome.DEAD_LETTERED, fact)
        self.telemetry.count_of_version("VersionDeadLettered")
        self._log("dead-lettered", received, failure)
        return True

    def _log(self, message: str, received: Received, failure: Exception) -> None:
        self.telemetry.logger.warning(
            message,
            error_class=type(failure).__name__,
            reason=reason_of(failure),
            detail=detail_of(failure),
            **received.as_fields(),
        )


def _read(received: Received, deliveries: dict[str, Delivery]) -> None:
    """Add the message's delivery; raise if it may not be sent."""
    delivery = check_delivery(received.message.required_delivery(), received.arrival())
    deliveries[received.record.message_id] = delivery


def _name(delivery: Delivery) -> str:
    return type(delivery.event.fact).__name__


def _detail(body: str) -> Raw:
    """Return the document in a message that was read before."""
    try:
        return decode(body, _Bus, "json_invalid").detail
    except Rejected:
        return decode(decode(body, _Wrapped, "json_invalid").message, _Bus, "json_invalid").detail
