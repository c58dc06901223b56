"""SQS standard queues: send, receive, visibility, redrive to the dead-letter queue, retention."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random
from moto.sqs.exceptions import InvalidParameterValue, MissingParameter, ReceiptHandleIsInvalid, SQSException
from moto.sqs.models import Message, Queue

from pocketcloud.core.engine import Engine, name_in
from pocketcloud.core.journal import EventRef, Kind, event_in_text
from pocketcloud.sqs.message_store import MessageStore, StoredMessage

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SOURCE_ARN = "DeadLetterQueueSourceArn"
"""System attribute with the queue from which SQS moved a message to its dead-letter queue."""
_RECEIPT_HANDLE = re.compile(r"(?P<id>[0-9a-f-]{36})\.[0-9a-f]+")
_MAXIMUM_DELAY_SECONDS = 900
_REASON_ATTRIBUTES = ("reason", "ERROR_MESSAGE", "ERROR_CODE")


class Queues:
    """The messages of all queues; moto stores the queues and their attributes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stores: defaultdict[str, MessageStore] = defaultdict(MessageStore)

    def store(self, arn: str) -> MessageStore:
        """Return the messages of a queue by its ARN."""
        return self._stores[arn]

    def now(self) -> float:
        """Return the clock's time in epoch milliseconds, as SQS uses."""
        return self._engine.clock.now().timestamp() * 1000

    def send(  # noqa: PLR0913 - SendMessage's own parameters
        self,
        queue: Queue,
        body: str,
        *,
        attributes: dict[str, Any] | None = None,
        system_attributes: dict[str, Any] | None = None,
        delay: int | None = None,
        source: str | None = None,
        event: EventRef | None = None,
    ) -> Message:
        """Validate and enqueue a message; the hop's source is `source`, or the caller."""
        _check(queue, body, attributes or {}, delay)
        message = Message(str(mock_random.uuid4()), body, system_attributes)
        message.message_attributes = attributes or {}
        message.mark_sent()
        event, now = event or event_in_text(body), self.now()
        wait = (setting(queue, "delay_seconds") if delay is None else delay) * 1000
        self._stores[queue.queue_arn].add(message, event, sent_at=now, available_at=now + wait)
        self._engine.journal.write(
            Kind.ENQUEUED, source or self._engine.actor(), f"queue/{queue.name}", event, message_id=message.id
        )
        if source is None and self._is_dead_letter_queue(queue):
            self._engine.journal.record_undelivered(
                event, f"queue/{queue.name}", _dead_letter_reason(message, self._engine), body
            )
        return message

    def receive(
        self, queue: Queue, limit: int, visibility_timeout: int, *, maximum_bytes: int | None = None
    ) -> list[StoredMessage]:
        """Receive up to `limit` visible messages; dead-letter those received too often."""
        self.expire(queue)
        store, now = self._stores[queue.queue_arn], self.now()
        received: list[StoredMessage] = []
        total = 0
        while len(received) < limit and (stored := store.available(now)) is not None:
            if queue.dead_letter_queue is not None and self._is_exhausted(queue, stored.message):
                self._redrive(queue, queue.dead_letter_queue, stored)
                continue
            total += len(stored.message.body)
            if maximum_bytes is not None and received and total > maximum_bytes:
                break
            _mark_received(stored.message, now)
            # With a timeout of zero, hide it for a second so that this request does not return it twice.
            store.hide(stored.message.id, now + (visibility_timeout or 1) * 1000)
            received.append(stored)
        if not visibility_timeout:
            for stored in received:
                store.hide(stored.message.id, now)
        return received

    def hide(self, queue: Queue, handle: str, until: datetime) -> None:
        """Make the message with this receipt handle invisible until then."""
        message_id = _message_id(handle)
        if message_id in self._stores[queue.queue_arn]:
            self._stores[queue.queue_arn].hide(message_id, until.astimezone(UTC).timestamp() * 1000)

    def delete(self, queue: Queue, handle: str) -> None:
        """Delete the message with this receipt handle; ignore a deleted one, reject an invalid handle."""
        self._stores[queue.queue_arn].remove(_message_id(handle))

    def dead_letter(  # noqa: PLR0913 - all parts of the failed delivery
        self,
        arn: str,
        body: str,
        attributes: dict[str, str],
        *,
        source: str,
        event: EventRef | None,
        reason: str,
        by: tuple[str, str],
    ) -> bool:
        """Send an undeliverable message to its dead-letter queue; return whether that worked.

        `by` is the sending service and the ARN of the resource it acts for.
        """
        queue = self._engine.sqs.queues.get(name_in(arn))
        if queue is None:
            self.drop(source, event, f"{reason}; its dead-letter queue {name_in(arn)} does not exist", body)
            return False
        service, source_arn = by
        if denial := self._engine.access.authorize_service(
            service, "sqs:SendMessage", arn, source_arn=source_arn
        ):
            self.drop(source, event, f"{reason}; its dead-letter queue denies access: {denial}", body)
            return False
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        label = f"queue/{queue.name}"
        message = self.send(queue, body, attributes=typed, source=source, event=event)
        self._engine.journal.write(
            Kind.DEAD_LETTERED, source, label, event, message_id=message.id, reason=reason
        )
        self._engine.journal.record_undelivered(event, label, reason, body)
        return True

    def drop(self, source: str, event: EventRef | None, reason: str, body: str) -> None:
        """Record a dropped message, with the reason."""
        self._engine.journal.write(Kind.DROPPED, source, "nobody", event, reason=reason)
        self._engine.journal.record_undelivered(event, source, reason, body)

    def expire(self, queue: Queue) -> None:
        """Drop messages older than the queue's retention period, counted from when they were first sent."""
        retention = setting(queue, "message_retention_period")
        expired = self._stores[queue.queue_arn].remove_sent_before(self.now() - retention * 1000)
        for stored in expired:
            reason = f"its retention period of {retention} s expired"
            self.drop(f"queue/{queue.name}", stored.event, reason, stored.message.body)

    def purge(self, queue: Queue) -> None:
        """Empty a purged or deleted queue, and record its messages as dropped."""
        for stored in self._stores[queue.queue_arn].all():
            reason = f"purged by {self._engine.actor()}"
            self.drop(f"queue/{queue.name}", stored.event, reason, stored.message.body)
        self._stores[queue.queue_arn].clear()

    def clear(self) -> None:
        """Empty all queues."""
        for store in self._stores.values():
            store.clear()

    def _is_exhausted(self, queue: Queue, message: Message) -> bool:
        if not queue.redrive_policy:
            return False
        maximum: int = queue.redrive_policy["maxReceiveCount"]
        return message.approximate_receive_count >= maximum

    def _redrive(self, queue: Queue, target: Queue, stored: StoredMessage) -> None:
        message = stored.message
        self._stores[queue.queue_arn].remove(message.id)
        message.system_attributes = {
            **message.system_attributes,
            SOURCE_ARN: {"DataType": "String", "StringValue": queue.queue_arn},
        }
        # Keep the id, the attributes and the first sending time, from which its retention counts.
        self._stores[target.queue_arn].add(
            message, stored.event, sent_at=stored.sent_at, available_at=self.now()
        )
        source, destination = f"queue/{queue.name}", f"queue/{target.name}"
        reason = f"received {message.approximate_receive_count} times without being handled"
        self._engine.journal.write(
            Kind.DEAD_LETTERED, source, destination, stored.event, message_id=message.id, reason=reason
        )
        self._engine.journal.record_undelivered(stored.event, destination, reason, message.body)

    def _is_dead_letter_queue(self, queue: Queue) -> bool:
        """Return whether the queue is the dead-letter queue of a queue, or the destination of a mapping."""
        if any(other.dead_letter_queue is queue for other in self._engine.sqs.queues.values()):
            return True
        mappings = self._engine.functions.list_event_source_mappings("", "")
        configs = (mapping.destination_config or {} for mapping in mappings)
        return any(config.get("OnFailure", {}).get("Destination") == queue.queue_arn for config in configs)


def setting(queue: Queue, name: str) -> int:
    """Return a queue attribute that moto sets under a computed name, which its types lack."""
    return int(getattr(queue, name))


def _check(queue: Queue, body: str, attributes: dict[str, Any], delay: int | None) -> None:
    if not body:
        raise MissingParameter("MessageBody")
    if _FORBIDDEN.search(body):
        raise SQSException(
            "InvalidMessageContents", "The message contains characters outside the allowed set."
        )
    if delay is not None and not 0 <= delay <= _MAXIMUM_DELAY_SECONDS:
        reason = "Reason: DelaySeconds must be >= 0 and <= 900."
        raise InvalidParameterValue(f"Value {delay} for parameter DelaySeconds is invalid. {reason}")
    limit = setting(queue, "maximum_message_size")
    if size(body, attributes) > limit:
        reason = f"Reason: Message must be shorter than {limit} bytes."
        raise InvalidParameterValue(f"One or more parameters are invalid. {reason}")


def size(body: str, attributes: Mapping[str, Any]) -> int:
    """The message's bytes as SQS counts them."""
    return len(body.encode()) + sum(_attribute_size(name, value) for name, value in attributes.items())


def _attribute_size(name: str, attribute: dict[str, Any]) -> int:
    value = attribute.get("StringValue") or attribute.get("BinaryValue") or ""
    return len(name.encode()) + len(attribute["DataType"].encode()) + len(str(value).encode())


def _mark_received(message: Message, now: float) -> None:
    message.approximate_receive_count += 1
    message.approximate_first_receive_timestamp = message.approximate_first_receive_timestamp or int(now)
    message.receipt_handle = f"{message.id}.{mock_random.getrandbits(256):064x}"


def _message_id(handle: str) -> str:
    found = _RECEIPT_HANDLE.fullmatch(handle)
    if found is None:
        raise ReceiptHandleIsInvalid
    return found["id"]


def _dead_letter_reason(message: Message, engine: Engine) -> str:
    """Return the reason that the sender of a dead-lettered message put in an attribute."""
    written = [
        message.message_attributes[name] for name in _REASON_ATTRIBUTES if name in message.message_attributes
    ]
    return str(written[0].get("StringValue")) if written else f"sent there by {engine.actor()}"
