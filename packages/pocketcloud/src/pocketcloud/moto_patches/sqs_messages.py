"""SQS's operations on single messages, which `Queues` stores."""

from datetime import timedelta
from functools import partial
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.sqs.constants import MAXIMUM_VISIBILITY_TIMEOUT
from moto.sqs.exceptions import InvalidParameterValue, MissingParameter
from moto.sqs.models import Message, Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from pocketcloud.core.engine import Engine
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.moto_patches.sqs_queues import queue_name
from pocketcloud.sqs.message_checks import MessageGroup, setting
from pocketcloud.sqs.message_store import StoredMessage
from pocketcloud.sqs.queues import SOURCE_ARN, Queues
from pocketcloud.sqs.receive_attempts import ReceiveAttempts

_RANGES = {
    "MaxNumberOfMessages": (1, 10, "between 1 and 10"),
    "WaitTimeSeconds": (0, 20, ">= 0 and <= 20"),
    "VisibilityTimeout": (0, MAXIMUM_VISIBILITY_TIMEOUT, ">= 0 and <= 43200"),
}


def patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    """Return the patches to moto's operations on messages."""
    receive = _receive_patch(queues, ReceiveAttempts(queues))
    return [*_message_patches(engine, queues), receive, _internal_patch(queues), _attribute_name_patch()]


def _message_patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    def send_message(response: SQSResponse, _: Call) -> ActionResult:
        entry = dict(response.params)
        if trace := response.headers.get("X-Amzn-Trace-Id"):
            traced = {"AWSTraceHeader": {"DataType": "String", "StringValue": trace}}
            entry["MessageSystemAttributes"] = traced | (entry.get("MessageSystemAttributes") or {})
        return ActionResult(send(queues, _queue(response), entry))

    def delete_message(response: SQSResponse, _: Call) -> EmptyResult:
        queues.delete(_queue(response), _required(response, "ReceiptHandle"))
        return EmptyResult()

    def change_message_visibility(response: SQSResponse, _: Call) -> EmptyResult:
        handle = _required(response, "ReceiptHandle")
        change_visibility(engine, queues, _queue(response), handle, response.params.get("VisibilityTimeout"))
        return EmptyResult()

    return [
        MotoPatch(SQSResponse, "send_message", "self", send_message),
        MotoPatch(SQSResponse, "delete_message", "self", delete_message),
        MotoPatch(SQSResponse, "change_message_visibility", "self", change_message_visibility),
    ]


def _attribute_name_patch() -> MotoPatch:
    """Take every name that `check_message` does, such as one with characters outside ASCII."""

    def accept(_: Message, __: str) -> None: ...

    return MotoPatch(Message, "validate_attribute_name", "name", accept, is_direct=True)


def _internal_patch(queues: Queues) -> MotoPatch:
    """Send what other services of moto send, such as S3's notifications."""

    def send_message(backend: SQSBackend, call: Call) -> Message:
        return queues.send(backend.get_queue(call["queue_name"]), call["message_body"])

    parameters = (
        "self queue_name message_body message_attributes delay_seconds deduplication_id group_id"
        " system_attributes validate_group_id"
    )
    return MotoPatch(SQSBackend, "send_message", parameters, send_message)


def send(queues: Queues, queue: Queue, entry: dict[str, Any]) -> dict[str, Any]:
    """Send one message of a request or a batch entry; return SQS's result."""
    delay = entry.get("DelaySeconds")
    message = queues.send(
        queue,
        entry.get("MessageBody") or "",
        attributes=entry.get("MessageAttributes"),
        system_attributes=entry.get("MessageSystemAttributes"),
        delay=None if delay is None else int(delay),
        group=MessageGroup(entry.get("MessageGroupId"), entry.get("MessageDeduplicationId")),
    )
    system = Message("", "", None)
    system.message_attributes = message.system_attributes
    digests = {
        "MD5OfMessageAttributes": message.attribute_md5 if message.message_attributes else None,
        "MD5OfMessageSystemAttributes": system.attribute_md5 if message.system_attributes else None,
        "SequenceNumber": message.sequence_number,
    }
    present = {name: value for name, value in digests.items() if value is not None}
    return {"MessageId": message.id, "MD5OfMessageBody": message.body_md5, **present}


def change_visibility(engine: Engine, queues: Queues, queue: Queue, handle: str, seconds: object) -> None:
    """Make a received message invisible for so many seconds from now; raise SQSException if SQS would."""
    if seconds is None:
        raise MissingParameter("VisibilityTimeout")
    if not 0 <= int(str(seconds)) <= MAXIMUM_VISIBILITY_TIMEOUT:
        raise InvalidParameterValue(
            f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be"
            " an integer between 0 and 43200."
        )
    queues.hide(queue, handle, engine.clock.now() + timedelta(seconds=int(str(seconds))))


def _receive_patch(queues: Queues, attempts: ReceiveAttempts) -> MotoPatch:
    def receive_message(response: SQSResponse, _: Call) -> ActionResult:
        # Nothing arrives while the clock stands still, so a long poll returns immediately.
        parameters, queue = response.params, _queue(response)
        _in_range(parameters, "WaitTimeSeconds", 0)
        count = _in_range(parameters, "MaxNumberOfMessages", 1)
        visibility = _in_range(parameters, "VisibilityTimeout", setting(queue, "visibility_timeout"))
        attempt_id = parameters.get("ReceiveRequestAttemptId")
        receive = partial(queues.receive, queue, count, visibility)
        received = attempts.receive(queue, attempt_id, visibility, receive)
        shown = [_shown(stored, parameters) for stored in received]
        return ActionResult({"Messages": shown} if shown else {})

    return MotoPatch(SQSResponse, "receive_message", "self", receive_message)


def _in_range(parameters: dict[str, Any], name: str, default: int) -> int:
    value = parameters.get(name)
    number = default if value is None else int(value)
    low, high, words = _RANGES[name]
    if not low <= number <= high:
        raise InvalidParameterValue(
            f"Value {number} for parameter {name} is invalid. Reason: Must be {words}, if provided."
        )
    return number


def _shown(stored: StoredMessage, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the message with the attributes that the client requested."""
    message = stored.message
    found: dict[str, Any] = {
        "MessageId": message.id,
        "ReceiptHandle": message.receipt_handle,
        "MD5OfBody": message.body_md5,
        "Body": message.body,
    }
    attributes = _requested(message.message_attributes, parameters.get("MessageAttributeNames") or [])
    if attributes:
        copy = Message(message.id, message.body)
        copy.message_attributes = attributes
        found |= {"MessageAttributes": attributes, "MD5OfMessageAttributes": copy.attribute_md5}
    lists = (parameters.get("AttributeNames"), parameters.get("MessageSystemAttributeNames"))
    names = {name for requested in lists for name in requested or ()}
    system = {
        name: value for name, value in _system_attributes(message).items() if "All" in names or name in names
    }
    return {**found, "Attributes": system} if system else found


def _requested(attributes: dict[str, Any], names: list[str]) -> dict[str, Any]:
    prefixes = tuple(name.removesuffix("*").removesuffix(".") for name in names if name.endswith("*"))
    return {
        name: value
        for name, value in attributes.items()
        if "All" in names or name in names or (prefixes and name.startswith(prefixes))
    }


def _system_attributes(message: Message) -> dict[str, str]:
    values = {
        "SenderId": message.sender_id,
        "SentTimestamp": message.sent_timestamp,
        "ApproximateReceiveCount": message.approximate_receive_count,
        "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
        "MessageDeduplicationId": message.deduplication_id,
        "MessageGroupId": message.group_id,
        "SequenceNumber": message.sequence_number,
        "AWSTraceHeader": _text(message, "AWSTraceHeader"),
        SOURCE_ARN: _text(message, SOURCE_ARN),
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def _text(message: Message, name: str) -> str | None:
    value: str | None = message.system_attributes.get(name, {}).get("StringValue")
    return value


def _queue(response: SQSResponse) -> Queue:
    return response.sqs_backend.get_queue(queue_name(response))


def _required(response: SQSResponse, name: str) -> str:
    value = response.params.get(name)
    if value is None:
        raise MissingParameter(name)
    return str(value)
