"""The consumer of your own queue: parses, upcasts, deduplicates, reacts, and reports each message."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from orderbus_client.contracts.shared.codec import Rejected, UnknownFactError
from orderbus_client.contracts.shared.envelope import Event
from orderbus_client.contracts.shared.fact import Fact
from orderbus_client.processed_events import Claim, ProcessedEvents
from orderbus_client.queue_message import event_in
from orderbus_client.queue_report import MessageReport, MessageResult, QueueReport

logger = logging.getLogger("orderbus_client")

Reaction = Callable[[Event[Any]], None]
Record = Mapping[str, Any]
"""A message as Lambda passes it (https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html)."""


class EventConsumer:
    """Calls the reaction to each event's type, once for each event."""

    def __init__(self, reactions: Mapping[type[Fact], Reaction], *, processed: ProcessedEvents) -> None:
        """`reactions` holds a function for each type; events of every other type are ignored."""
        if not reactions:
            raise ValueError("a consumer needs one reaction or more")
        self._reactions = reactions
        self._processed = processed

    def handle(self, lambda_event: Mapping[str, Any]) -> QueueReport:
        """Process the records of a Lambda event; return `report.lambda_response()` from your function."""
        held: set[str] = set()
        reports = []
        for record in lambda_event["Records"]:
            group = _group(record)
            report = _held_back(record) if group in held else self._process(record)
            if report.returns and group:
                held.add(group)
            _log(report)
            reports.append(report)
        return QueueReport(tuple(reports))

    def _process(self, record: Record) -> MessageReport:
        message_id = str(record["messageId"])
        try:
            event = event_in(record["body"])
        except Rejected as rejected:
            return MessageReport(message_id=message_id, outcome=MessageResult.POISON, reason=rejected.code)
        except UnknownFactError:
            return MessageReport(message_id=message_id, outcome=MessageResult.UNKNOWN, reason="type_unknown")
        outcome, error = self._outcome(event)
        return MessageReport(
            message_id=message_id,
            outcome=outcome,
            event_type=type(event.fact).__name__,
            event_id=event.id,
            reason=type(error).__name__ if error else "",
            error=error,
        )

    def _outcome(self, event: Event[Any]) -> tuple[MessageResult, Exception | None]:
        reaction = self._reactions.get(type(event.fact))
        if reaction is None:
            return MessageResult.IGNORED, None
        try:
            return self._react(event, reaction), None
        except Exception as error:  # noqa: BLE001 - one message's failure may not fail the batch; it is reported
            return MessageResult.FAILED, error

    def _react(self, event: Event[Any], reaction: Reaction) -> MessageResult:
        identity = f"{event.fact.owner}|{event.id}"
        claim = self._processed.claim(identity)
        if claim is not Claim.CLAIMED:
            return MessageResult.DUPLICATE if claim is Claim.DONE else MessageResult.BUSY
        try:
            reaction(event)
        except BaseException:
            self._processed.release(identity)
            raise
        self._processed.complete(identity)
        return MessageResult.REACTED


def _group(record: Record) -> str:
    """Return the message's group in a queue with order; other queues have none."""
    has_order = str(record.get("eventSourceARN", "")).endswith(".fifo")
    return str(record.get("attributes", {}).get("MessageGroupId", "")) if has_order else ""


def _held_back(record: Record) -> MessageReport:
    return MessageReport(message_id=str(record["messageId"]), outcome=MessageResult.HELD_BACK)


def _log(report: MessageReport) -> None:
    level = logging.WARNING if report.returns else logging.DEBUG
    logger.log(
        level,
        "message %s %s %s %s %s",
        report.message_id,
        report.outcome.value,
        report.event_type or "-",
        report.event_id or "-",
        report.reason or "-",
    )
