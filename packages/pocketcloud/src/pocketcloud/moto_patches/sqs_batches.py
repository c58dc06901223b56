"""SQS's batch operations: each entry succeeds or fails by itself.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.sqs.constants import MAXIMUM_MESSAGE_LENGTH
from moto.sqs.exceptions import (
    BatchEntryIdsNotDistinct,
    BatchRequestTooLong,
    EmptyBatchRequest,
    InvalidBatchEntryId,
    InvalidParameterValue,
    MissingParameter,
    SQSException,
    TooManyEntriesInBatchRequest,
)
from moto.sqs.models import Queue
from moto.sqs.responses import SQSResponse

from pocketcloud.core.engine import Engine
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.moto_patches.sqs_messages import change_visibility, send
from pocketcloud.moto_patches.sqs_queues import queue_name
from pocketcloud.sqs.message_checks import MessageGroup, check_group, size
from pocketcloud.sqs.queues import Queues

Entry = dict[str, Any]
_ID = re.compile(r"[\w-]{1,80}", re.ASCII)
_MAXIMUM_ENTRIES = 10


def patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    """Return the patches to moto's batch operations."""

    def send_message_batch(response: SQSResponse, _: Call) -> ActionResult:
        queue, entries = _read(response, "Send")
        _check_total(entries)
        for entry in entries:
            _check_group(queue, entry)
        return _run(entries, lambda entry: send(queues, queue, entry))

    def delete_message_batch(response: SQSResponse, _: Call) -> ActionResult:
        queue, entries = _read(response, "Delete")

        def delete(entry: Entry) -> Entry:
            queues.delete(queue, entry["ReceiptHandle"])
            return {}

        return _run(entries, delete)

    def change_message_visibility_batch(response: SQSResponse, _: Call) -> ActionResult:
        queue, entries = _read(response, "ChangeMessageVisibility")

        def change(entry: Entry) -> Entry:
            change_visibility(engine, queues, queue, entry["ReceiptHandle"], entry.get("VisibilityTimeout"))
            return {}

        return _run(entries, change)

    return [
        MotoPatch(SQSResponse, "send_message_batch", "self", send_message_batch),
        MotoPatch(SQSResponse, "delete_message_batch", "self", delete_message_batch),
        MotoPatch(SQSResponse, "change_message_visibility_batch", "self", change_message_visibility_batch),
    ]


def _read(response: SQSResponse, action: str) -> tuple[Queue, Sequence[Entry]]:
    """Return queue and entries; raise SQSException if the whole request is invalid."""
    queue = response.sqs_backend.get_queue(queue_name(response))
    entries: Sequence[Entry] = response.params.get("Entries") or []
    if not entries:
        raise EmptyBatchRequest(action=action)
    if len(entries) > _MAXIMUM_ENTRIES:
        raise TooManyEntriesInBatchRequest(len(entries))
    ids = [entry["Id"] for entry in entries]
    if not all(_ID.fullmatch(each) for each in ids):
        raise InvalidBatchEntryId
    for number, each in enumerate(ids):
        if each in ids[:number]:
            raise BatchEntryIdsNotDistinct(each)
    return queue, entries


def _check_total(entries: Sequence[Entry]) -> None:
    total = sum(size(entry["MessageBody"], entry.get("MessageAttributes") or {}) for entry in entries)
    if total > MAXIMUM_MESSAGE_LENGTH:
        raise BatchRequestTooLong(total)


def _run(entries: Sequence[Entry], execute: Callable[[Entry], Entry]) -> ActionResult:
    successful, failed = [], []
    for entry in entries:
        try:
            successful.append({"Id": entry["Id"], **execute(entry)})
        except SQSException as error:
            message = str(error.message).replace("are invalid", "cannot be validated")
            failed.append({"Id": entry["Id"], "SenderFault": True, "Code": error.code, "Message": message})
    outcome = {"Successful": successful, "Failed": failed}
    return ActionResult({name: results for name, results in outcome.items() if results})


def _check_group(queue: Queue, entry: Entry) -> None:
    """Raise SQSException if the ids do not fit the queue; a missing one is an invalid value in a batch."""
    try:
        group = MessageGroup(entry.get("MessageGroupId"), entry.get("MessageDeduplicationId"))
        check_group(queue, group, None)
    except MissingParameter as error:
        raise InvalidParameterValue(str(error.message)) from error
