"""SQS's checks of a message before it is sent.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.sqs.exceptions import InvalidParameterValue, MissingParameter, SQSException
from moto.sqs.models import Queue
from moto.sqs.utils import validate_message_attributes

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MAXIMUM_DELAY_SECONDS = 900
_ATTRIBUTE_NAME = re.compile(r"(?!\.)(?!.*\.$)[\w.-]{1,256}")
_RESERVED_PREFIXES = ("aws.", "amazon.")
_MAXIMUM_ATTRIBUTES = 10
_MAXIMUM_TYPE_CHARACTERS = 256
_FIFO_ID = re.compile(r"[A-Za-z0-9!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]{1,128}")


@dataclass(frozen=True, slots=True)
class MessageGroup:
    """The group of a message, and its deduplication id in a FIFO queue."""

    group_id: str | None
    deduplication_id: str | None = None


def setting(queue: Queue, name: str) -> int:
    """Return a queue attribute that moto sets under a computed name, which its types lack."""
    return int(getattr(queue, name))


def deduplicates_by_content(queue: Queue) -> bool:
    """Return whether a FIFO queue takes the hash of the body where a message has no deduplication id."""
    return str(vars(queue).get("content_based_deduplication", "")).lower() == "true"


def check_message(queue: Queue, body: str, attributes: Mapping[str, Any], delay: int | None) -> None:
    """Raise SQSException if the queue rejects the message."""
    if not body:
        raise MissingParameter("MessageBody")
    if _FORBIDDEN.search(body):
        raise SQSException(
            "InvalidMessageContents", "The message contains characters outside the allowed set."
        )
    _check_attributes(attributes)
    if delay is not None and not 0 <= delay <= _MAXIMUM_DELAY_SECONDS:
        reason = "Reason: DelaySeconds must be >= 0 and <= 900."
        raise InvalidParameterValue(f"Value {delay} for parameter DelaySeconds is invalid. {reason}")
    limit = setting(queue, "maximum_message_size")
    if size(body, attributes) > limit:
        reason = f"Reason: Message must be shorter than {limit} bytes."
        raise InvalidParameterValue(f"One or more parameters are invalid. {reason}")


def check_group(queue: Queue, group: MessageGroup, delay: int | None) -> None:
    """Raise SQSException if the ids do not fit the type of the queue."""
    _check_id("MessageGroupId", group.group_id)
    _check_id("MessageDeduplicationId", group.deduplication_id)
    if not queue.fifo_queue:
        # A standard queue takes a group for fair queues, which balance load between groups.
        if group.deduplication_id is not None:
            raise _not_for_this_type("MessageDeduplicationId", group.deduplication_id)
        return
    if group.group_id is None:
        raise MissingParameter("MessageGroupId")
    if group.deduplication_id is None and not deduplicates_by_content(queue):
        raise InvalidParameterValue(
            "The queue should either have ContentBasedDeduplication enabled or"
            " MessageDeduplicationId provided explicitly"
        )
    if delay:
        raise _not_for_this_type("DelaySeconds", delay)


def check_attempt_id(queue: Queue, attempt_id: str) -> None:
    """Raise SQSException if the queue takes no id of an attempt to receive, or not this one."""
    _check_id("ReceiveRequestAttemptId", attempt_id)
    if not queue.fifo_queue:
        raise _not_for_this_type("ReceiveRequestAttemptId", attempt_id)


def size(body: str, attributes: Mapping[str, Any]) -> int:
    """Return the message's bytes as SQS counts them."""
    return len(body.encode()) + sum(_attribute_size(name, value) for name, value in attributes.items())


def _check_attributes(attributes: Mapping[str, Any]) -> None:
    validate_message_attributes(dict(attributes))
    if len(attributes) > _MAXIMUM_ATTRIBUTES:
        raise InvalidParameterValue(
            f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10]."
        )
    for name, attribute in attributes.items():
        if not _ATTRIBUTE_NAME.fullmatch(name) or name.lower().startswith(_RESERVED_PREFIXES):
            raise InvalidParameterValue(
                f"Message (user) attribute name '{name}' is invalid. It can contain A-Z, a-z, 0-9,"
                " underscore (_), hyphen (-), and period (.), and must not start with AWS. or Amazon."
            )
        _check_attribute(name, attribute)


def _check_attribute(name: str, attribute: Mapping[str, Any]) -> None:
    kind = attribute["DataType"]
    if len(kind) > _MAXIMUM_TYPE_CHARACTERS:
        raise InvalidParameterValue(f"Message (user) attribute '{name}' has a type of over 256 characters.")
    value = attribute.get("BinaryValue" if kind.startswith("Binary") else "StringValue")
    if not value:
        prefix = kind.split(".")[0]
        raise InvalidParameterValue(
            f"Message (user) attribute '{name}' must contain a non-empty value of type '{prefix}'."
        )
    if isinstance(value, str) and _FORBIDDEN.search(value):
        raise InvalidParameterValue(f"Invalid characters found in the value of the attribute '{name}'.")


def _check_id(name: str, value: str | None) -> None:
    if value is not None and not _FIFO_ID.fullmatch(value):
        raise InvalidParameterValue(
            f"Value {value} for parameter {name} is invalid. Reason: {name} can only include"
            " alphanumeric and punctuation characters. 1 to 128 in length."
        )


def _not_for_this_type(name: str, value: object) -> InvalidParameterValue:
    return InvalidParameterValue(
        f"Value {value} for parameter {name} is invalid. Reason: The request include parameter"
        " that is not valid for this queue type."
    )


def _attribute_size(name: str, attribute: Mapping[str, Any]) -> int:
    value = attribute.get("StringValue") or attribute.get("BinaryValue") or ""
    return len(name.encode()) + len(attribute["DataType"].encode()) + len(str(value).encode())
