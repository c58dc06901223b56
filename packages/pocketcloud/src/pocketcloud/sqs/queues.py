"""SQS queues: send, receive, visibility, redrive to the dead-letter queue, retention."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.sqs.exceptions import InvalidParameterValue, SQSException
from moto.sqs.models import Message, Queue

from pocketcloud.core.engine import Engine, name_in
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import EventRef, Kind, event_in_text
from pocketcloud.iam.audit import Denial
from pocketcloud.sqs.deduplication import content_id
from pocketcloud.sqs.fifo_store import FifoStore
from pocketcloud.sqs.message_checks import MessageGroup, check_group, check_message, setting
from pocketcloud.sqs.message_store import MessageStore, StoredMessage
from pocketcloud.sqs.receipt_handle import message_of, new_handle

SOURCE_ARN = "DeadLetterQueueSourceArn"
"""System attribute with the queue from which SQS moved a message to its dead-letter queue."""
_FIRST_SEQUENCE_NUMBER, _SEQUENCE_STEP = 18_849_496_460_467_696_128, 256
"""Sequence numbers have 20 digits and are not consecutive."""
Store = MessageStore | FifoStore
FIFO = ".fifo"
NO_GROUP = MessageGroup(None)
_REASON_ATTRIBUTES = ("reason", "ERROR_MESSAGE", "ERROR_CODE")


class Queues:
    """The messages of all queues; moto stores the queues and their attributes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._stores: dict[str, Store] = {}
        self._sequence = 0

    def store(self, arn: str) -> Store:
        """Return the messages of a queue by its ARN."""
        found = self._stores.get(arn)
        if found is None:
            found = self._stores[arn] = FifoStore() if arn.endswith(FIFO) else MessageStore()
        return found

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
        group: MessageGroup = NO_GROUP,
    ) -> Message:
        """Validate and enqueue a message; the hop's source is `source`, or the caller.

        Return the first message of this deduplication id if a FIFO queue got it in the last five minutes.
        """
        check_group(queue, group, delay)
        check_message(queue, body, attributes or {}, delay)
        message = Message(new_identifier(), body, system_attributes)
        message.message_attributes = attributes or {}
        now = self.now()
        message.sent_timestamp = int(now)  # type: ignore[assignment]  # moto's type is None
        message.group_id = group.group_id
        event, source_name = event or event_in_text(body), source or self._engine.actor()
        label = f"queue/{queue.name}"
        if first := self._first_of_same(queue, message, group):
            reason = f"a duplicate of message {first.id}"
            self._engine.journal.write(
                Kind.FILTERED, source_name, label, event, message_id=message.id, reason=reason
            )
            return first
        # In a FIFO queue, a delay of zero means the queue's delay.
        own_delay = delay is not None and not queue.fifo_queue
        wait = (delay or 0 if own_delay else setting(queue, "delay_seconds")) * 1000
        self.store(queue.queue_arn).add(message, event, sent_at=now, available_at=now + wait)
        self._engine.journal.write(Kind.ENQUEUED, source_name, label, event, message_id=message.id)
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
        store, now = self.store(queue.queue_arn), self.now()
        received: list[StoredMessage] = []
        total = 0
        for stored in store.candidates(now):
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
            if len(received) == limit:
                break
        if not visibility_timeout:
            for stored in received:
                store.hide(stored.message.id, now)
        return received

    def hide(self, queue: Queue, handle: str, until: datetime) -> None:
        """Make the message with this receipt handle invisible until then."""
        stored = self._stored(queue, handle)
        if stored is None or (queue.fifo_queue and self._has_expired(stored, handle)):
            reason = "Message does not exist or is not available for visibility timeout change."
            raise InvalidParameterValue(
                f"Value {handle} for parameter ReceiptHandle is invalid. Reason: {reason}"
            )
        self.store(queue.queue_arn).hide(stored.message.id, until.astimezone(UTC).timestamp() * 1000)

    def delete(self, queue: Queue, handle: str) -> None:
        """Delete the message with this receipt handle; ignore a deleted one, reject an invalid handle.

        A FIFO queue also rejects a handle whose visibility timeout is over.
        """
        stored = self._stored(queue, handle)
        if stored is None:
            return
        if queue.fifo_queue and self._has_expired(stored, handle):
            reason = "Reason: The receipt handle has expired."
            raise InvalidParameterValue(f"Value {handle} for parameter ReceiptHandle is invalid. {reason}")
        self.store(queue.queue_arn).remove(stored.message.id)

    def move(self, stored: StoredMessage, source: Queue, target: Queue) -> None:
        """Move a message as a redrive task does: it is as new in the target, with the same id."""
        message = stored.message
        self.store(source.queue_arn).remove(message.id)
        moved = Message(message.id, message.body, dict(message.system_attributes))
        moved.system_attributes.pop(SOURCE_ARN, None)
        moved.message_attributes = message.message_attributes
        moved.group_id, moved.deduplication_id = message.group_id, message.deduplication_id
        moved.sequence_number = self._next_sequence_number() if target.fifo_queue else None
        moved.mark_sent()
        now = self.now()
        self.store(target.queue_arn).add(moved, stored.event, sent_at=now, available_at=now)
        ends = f"queue/{source.name}", f"queue/{target.name}"
        self._engine.journal.write(Kind.ENQUEUED, *ends, stored.event, message_id=moved.id)

    def dead_letter(  # noqa: PLR0913 - all parts of the failed delivery
        self,
        arn: str,
        body: str,
        attributes: dict[str, str],
        *,
        source: str,
        event: EventRef | None,
        reason: str,
        denial: Callable[[str, str], Denial | None],
        group: MessageGroup = NO_GROUP,
    ) -> bool:
        """Send an undeliverable message to its dead-letter queue; return whether that worked.

        `denial` returns why the sender may not take an action on a resource.
        """
        queue = self._engine.sqs.queues.get(name_in(arn))
        if queue is None:
            self.drop(source, event, f"{reason}; its dead-letter queue {name_in(arn)} does not exist", body)
            return False
        if denied := denial("sqs:SendMessage", arn):
            self.drop(source, event, f"{reason}; its dead-letter queue denies access: {denied}", body)
            return False
        typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        label = f"queue/{queue.name}"
        message = self.send(queue, body, attributes=typed, source=source, event=event, group=group)
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
        expired = self.store(queue.queue_arn).remove_sent_before(self.now() - retention * 1000)
        for stored in expired:
            reason = f"its retention period of {retention} s expired"
            self.drop(f"queue/{queue.name}", stored.event, reason, stored.message.body)

    def purge(self, queue: Queue) -> None:
        """Empty a purged or deleted queue, and record its messages as dropped."""
        for stored in self.store(queue.queue_arn).all():
            reason = f"purged by {self._engine.actor()}"
            self.drop(f"queue/{queue.name}", stored.event, reason, stored.message.body)
        self.store(queue.queue_arn).clear()

    def clear(self) -> None:
        """Empty all queues."""
        for store in self._stores.values():
            store.clear()

    def _stored(self, queue: Queue, handle: str) -> StoredMessage | None:
        """Return the message of a receipt handle, or None if it was deleted; reject an invalid handle."""
        message_id = message_of(handle)
        if message_id is None:
            raise SQSException(
                "ReceiptHandleIsInvalid",
                f'The input receipt handle "{handle}" is not a valid receipt handle.',
            )
        return self.store(queue.queue_arn).get(message_id)

    def _has_expired(self, stored: StoredMessage, handle: str) -> bool:
        return stored.message.receipt_handle != handle or stored.available_at <= self.now()

    def _first_of_same(self, queue: Queue, message: Message, group: MessageGroup) -> Message | None:
        """Return the first message of the same id; otherwise give the message its FIFO attributes."""
        store, now = self.store(queue.queue_arn), self.now()
        if not isinstance(store, FifoStore):
            return None
        message.deduplication_id = group.deduplication_id or content_id(message.body)
        by_group = store.scope(queue, now) == "messageGroup"
        key = (str(group.group_id) if by_group else "", message.deduplication_id)
        if first := store.recent.find(key, now):
            return first
        message.sequence_number = self._next_sequence_number()
        store.recent.remember(key, message, now)
        return None

    def _next_sequence_number(self) -> str:
        self._sequence += 1
        return str(_FIRST_SEQUENCE_NUMBER + self._sequence * _SEQUENCE_STEP)

    def _is_exhausted(self, queue: Queue, message: Message) -> bool:
        if not queue.redrive_policy:
            return False
        maximum: int = queue.redrive_policy["maxReceiveCount"]
        return message.approximate_receive_count >= maximum

    def _redrive(self, queue: Queue, target: Queue, stored: StoredMessage) -> None:
        message = stored.message
        self.store(queue.queue_arn).remove(message.id)
        message.system_attributes = {
            **message.system_attributes,
            SOURCE_ARN: {"DataType": "String", "StringValue": queue.queue_arn},
        }
        # Keep the id, the attributes and the first sending time, from which its retention counts.
        self.store(target.queue_arn).add(
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


def _mark_received(message: Message, now: float) -> None:
    message.approximate_receive_count += 1
    message.approximate_first_receive_timestamp = message.approximate_first_receive_timestamp or int(now)
    message.receipt_handle = new_handle(message.id)


def _dead_letter_reason(message: Message, engine: Engine) -> str:
    """Return the reason that the sender of a dead-lettered message put in an attribute."""
    written = [
        message.message_attributes[name] for name in _REASON_ATTRIBUTES if name in message.message_attributes
    ]
    return str(written[0].get("StringValue")) if written else f"sent there by {engine.actor()}"
