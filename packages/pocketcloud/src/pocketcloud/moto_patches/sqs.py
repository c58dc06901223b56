"""SQS: moto stores queues and attributes; `Queues` stores the messages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from moto.sqs.constants import MAXIMUM_MESSAGE_LENGTH
from moto.sqs.exceptions import BatchRequestTooLong, InvalidParameterValue, PurgeQueueInProgress
from moto.sqs.models import Message, Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from pocketcloud.core.engine import Engine, UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sqs.queues import SOURCE_ARN, Queues, size

_MAXIMUM_VISIBILITY = timedelta(hours=12)
_PURGE_INTERVAL = timedelta(seconds=60)
_SEND = (
    "self queue_name message_body message_attributes delay_seconds deduplication_id group_id "
    "system_attributes validate_group_id"
)
_RECEIVE = "self queue_name count wait_seconds_timeout visibility_timeout message_attribute_names"
_CHANGE_VISIBILITY = "self queue_name receipt_handle visibility_timeout"


def patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    """Return the patches to moto's SQS."""
    return [
        *_send_patches(queues),
        *_receive_patches(engine, queues),
        *_count_patches(queues),
        *_administration_patches(engine, queues),
    ]


def _send_patches(queues: Queues) -> list[MotoPatch]:
    def send_message(backend: SQSBackend, call: Call) -> Message:
        if call.get("deduplication_id") or call.get("group_id"):
            raise InvalidParameterValue("MessageGroupId and MessageDeduplicationId are for FIFO queues.")
        delay = call.get("delay_seconds")
        return queues.send(
            backend.get_queue(call["queue_name"]),
            call["message_body"],
            attributes=call.get("message_attributes"),
            system_attributes=call.get("system_attributes"),
            delay=None if delay is None else int(delay),
        )

    original = SQSBackend.send_message_batch

    def send_message_batch(backend: SQSBackend, call: Call) -> object:
        # moto counts the characters of the bodies; SQS counts bytes, the attributes' included.
        total = sum(
            size(entry["MessageBody"], entry.get("MessageAttributes") or {})
            for entry in call["entries"].values()
        )
        if total > MAXIMUM_MESSAGE_LENGTH:
            raise BatchRequestTooLong(total)
        return original(backend, **call)

    return [
        MotoPatch(SQSBackend, "send_message", _SEND, send_message),
        MotoPatch(SQSBackend, "send_message_batch", "self queue_name entries", send_message_batch),
    ]


def _receive_patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    def receive_message(backend: SQSBackend, call: Call) -> list[Message]:
        # Nothing arrives while the clock stands still, so a long poll returns immediately.
        queue, names = backend.get_queue(call["queue_name"]), call.get("message_attribute_names") or []
        received = queues.receive(queue, call["count"], int(call["visibility_timeout"]))
        return [_for_client(stored.message, names) for stored in received]

    def change_message_visibility(backend: SQSBackend, call: Call) -> None:
        wanted = timedelta(seconds=int(call["visibility_timeout"]))
        if wanted > _MAXIMUM_VISIBILITY:
            raise InvalidParameterValue(f"Value {wanted} for VisibilityTimeout is over 12 hours.")
        queue = backend.get_queue(call["queue_name"])
        queues.hide(queue, call["receipt_handle"], engine.clock.now() + wanted)

    original: Callable[[SQSResponse], Any] = SQSResponse.receive_message

    def receive_with_source_arn(response: SQSResponse, _: Call) -> object:
        # moto omits this system attribute from its response.
        result = original(response)
        name = response._get_queue_name()  # noqa: SLF001 - moto has no public name for it
        store = queues.store(response.sqs_backend.get_queue(name).queue_arn)
        for message in result.result.get("Messages", []):
            stored = store.get(message["MessageId"])
            if stored and SOURCE_ARN in stored.message.system_attributes and "Attributes" in message:
                source = stored.message.system_attributes[SOURCE_ARN]["StringValue"]
                message["Attributes"][SOURCE_ARN] = source
        return result

    def delete_message(queue: Queue, call: Call) -> None:
        queues.delete(queue, call["receipt_handle"])

    return [
        MotoPatch(SQSResponse, "receive_message", "self", receive_with_source_arn),
        MotoPatch(SQSBackend, "receive_message", _RECEIVE, receive_message),
        MotoPatch(SQSBackend, "change_message_visibility", _CHANGE_VISIBILITY, change_message_visibility),
        MotoPatch(Queue, "delete_message", "self receipt_handle", delete_message),
    ]


def _count_patches(queues: Queues) -> list[MotoPatch]:
    def messages(queue: Queue) -> list[Message]:
        now = queues.now()
        return [
            stored.message for stored in queues.store(queue.queue_arn).all() if stored.available_at <= now
        ]

    def visible(queue: Queue) -> int:
        return len(messages(queue))

    def waiting(queue: Queue, *, received: bool) -> int:
        now = queues.now()
        return sum(
            stored.available_at > now and bool(stored.message.approximate_receive_count) is received
            for stored in queues.store(queue.queue_arn).all()
        )

    def not_visible(queue: Queue) -> int:
        return waiting(queue, received=True)

    def delayed(queue: Queue) -> int:
        return waiting(queue, received=False)

    return [
        MotoPatch(Queue, "messages", "property", messages),
        MotoPatch(Queue, "approximate_number_of_messages", "property", visible),
        MotoPatch(Queue, "approximate_number_of_messages_not_visible", "property", not_visible),
        MotoPatch(Queue, "approximate_number_of_messages_delayed", "property", delayed),
    ]


def _administration_patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    create, delete = SQSBackend.create_queue, SQSBackend.delete_queue

    def create_queue(backend: SQSBackend, call: Call) -> Queue:
        name = call["name"]
        if str(call.get("FifoQueue", "")).lower() == "true" or name.endswith(".fifo"):
            raise UnsupportedOfflineError(f"queue {name}: FIFO queues are not supported offline")
        return create(backend, **call)

    def purge_queue(backend: SQSBackend, call: Call) -> None:
        queue, now = backend.get_queue(call["queue_name"]), engine.clock.now().timestamp()
        if queue.last_purged_at is not None and now - queue.last_purged_at < _PURGE_INTERVAL.total_seconds():
            raise PurgeQueueInProgress(queue.name)
        queue.last_purged_at = now
        queues.purge(queue)

    def delete_queue(backend: SQSBackend, call: Call) -> None:
        queues.purge(backend.get_queue(call["queue_name"]))
        delete(backend, **call)

    return [
        MotoPatch(SQSBackend, "create_queue", "self name tags kwargs", create_queue),
        MotoPatch(SQSBackend, "purge_queue", "self queue_name", purge_queue),
        MotoPatch(SQSBackend, "delete_queue", "self queue_name", delete_queue),
    ]


def _for_client(message: Message, names: list[str]) -> Message:
    """Copy the message with the message attributes that the client requested."""
    copy = Message(message.id, message.body, message.system_attributes)
    copy.__dict__.update(message.__dict__)
    prefixes = tuple(name.removesuffix("*").removesuffix(".") for name in names if name.endswith("*"))
    copy.message_attributes = {
        name: value
        for name, value in message.message_attributes.items()
        if "All" in names or name in names or (prefixes and name.startswith(prefixes))
    }
    return copy
