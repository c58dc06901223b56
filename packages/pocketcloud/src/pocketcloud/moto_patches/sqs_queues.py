"""SQS's operations on queues: creation, attributes, purge and deletion."""

import json
from collections.abc import Mapping

from moto.core.responses import ActionResult
from moto.sqs.exceptions import (
    InvalidAttributeName,
    InvalidParameterValue,
    PurgeQueueInProgress,
    SQSException,
)
from moto.sqs.models import Message, Queue, SQSBackend
from moto.sqs.responses import SQSResponse

from pocketcloud.core.engine import Engine
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sqs.queue_attributes import (
    FIFO_SUFFIX,
    READABLE,
    check_attributes,
    check_change,
    check_high_throughput,
    check_name,
)
from pocketcloud.sqs.queues import Queues

_PURGE_INTERVAL_SECONDS = 60
_ENCRYPTION = "SqsManagedSseEnabled"


def patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    """Return the patches to moto's queues."""
    return [
        *_count_patches(queues),
        *_attribute_patches(),
        _creation_patch(),
        *_removal_patches(engine, queues),
        *_permission_patches(),
        _tags_patch(),
    ]


def _count_patches(queues: Queues) -> list[MotoPatch]:
    def messages(queue: Queue) -> list[Message]:
        now = queues.now()
        return [
            stored.message for stored in queues.store(queue.queue_arn).all() if stored.available_at <= now
        ]

    def waiting(queue: Queue, *, received: bool) -> int:
        now = queues.now()
        return sum(
            stored.available_at > now and bool(stored.message.approximate_receive_count) is received
            for stored in queues.store(queue.queue_arn).all()
        )

    def visible(queue: Queue) -> int:
        return len(messages(queue))

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


def _creation_patch() -> MotoPatch:
    create = SQSBackend.create_queue

    def create_queue(backend: SQSBackend, call: Call) -> Queue:
        name, tags = call["name"], call.get("tags")
        attributes = {key: value for key, value in call.items() if key not in {"name", "tags"}}
        check_name(name, attributes)
        check_attributes(attributes, fifo=name.endswith(FIFO_SUFFIX))
        check_high_throughput(attributes)
        existing = backend.queues.get(name)
        if existing is None:
            return create(backend, name, tags, **_with_encryption(attributes))
        _check_same(existing, attributes)
        return existing

    return MotoPatch(SQSBackend, "create_queue", "self name tags kwargs", create_queue)


def _check_same(existing: Queue, wanted: Mapping[str, str]) -> None:
    """Raise SQSException for an attribute of the request that differs from the existing queue's."""
    for name, value in wanted.items():
        if _as_json(existing.attributes.get(name)) != _as_json(value):
            raise SQSException(
                "QueueAlreadyExists",
                f"A queue already exists with the same name and a different value for attribute {name}",
            )


def _as_json(value: object) -> object:
    """Return an attribute's value in a form that can be compared."""
    text = str(value or "")
    document = json.loads(text) if text.startswith("{") else text.lower()
    if isinstance(document, dict) and "maxReceiveCount" in document:
        document["maxReceiveCount"] = str(document["maxReceiveCount"])
    return document


def _attribute_patches() -> list[MotoPatch]:
    change = SQSBackend.set_queue_attributes

    def set_queue_attributes(backend: SQSBackend, call: Call) -> Queue:
        queue, attributes = backend.get_queue(call["queue_name"]), dict(call["attributes"])
        check_change(attributes, fifo=queue.fifo_queue)
        check_attributes(attributes, fifo=queue.fifo_queue)
        check_high_throughput({**queue.attributes, **attributes})
        return change(backend, call["queue_name"], _with_encryption(attributes))

    def get_queue_attributes(response: SQSResponse, _: Call) -> ActionResult:
        queue = response.sqs_backend.get_queue(queue_name(response))
        wanted = response.params.get("AttributeNames") or []
        for name in wanted:
            if name not in READABLE:
                raise InvalidAttributeName(name)
        shown = {
            name: _as_text(value)
            for name, value in queue.attributes.items()
            if value not in {None, ""} and ("All" in wanted or name in wanted)
        }
        return ActionResult({"Attributes": shown} if shown else {})

    return [
        MotoPatch(SQSBackend, "set_queue_attributes", "self queue_name attributes", set_queue_attributes),
        MotoPatch(SQSResponse, "get_queue_attributes", "self", get_queue_attributes),
    ]


def _removal_patches(engine: Engine, queues: Queues) -> list[MotoPatch]:
    delete = SQSBackend.delete_queue

    def purge_queue(backend: SQSBackend, call: Call) -> None:
        queue, now = backend.get_queue(call["queue_name"]), engine.clock.now().timestamp()
        if queue.last_purged_at is not None and now - queue.last_purged_at < _PURGE_INTERVAL_SECONDS:
            raise PurgeQueueInProgress(queue.name)
        queue.last_purged_at = now
        queues.purge(queue)

    def delete_queue(backend: SQSBackend, call: Call) -> None:
        queues.purge(backend.get_queue(call["queue_name"]))
        delete(backend, **call)

    return [
        MotoPatch(SQSBackend, "purge_queue", "self queue_name", purge_queue),
        MotoPatch(SQSBackend, "delete_queue", "self queue_name", delete_queue),
    ]


def _permission_patches() -> list[MotoPatch]:
    remove = SQSBackend.remove_permission
    add = SQSBackend.add_permission

    def add_permission(backend: SQSBackend, call: Call) -> None:
        queue = backend.get_queue(call["queue_name"])
        if queue.policy is None:
            queue.policy = json.dumps(
                {
                    "Version": "2008-10-17",
                    "Id": f"{queue.queue_arn}/SQSDefaultPolicy",
                    "Statement": [],
                }
            )
        add(backend, **call)

    def remove_permission(backend: SQSBackend, call: Call) -> None:
        policy = json.loads(backend.get_queue(call["queue_name"]).policy or "{}")
        label = call["label"]
        if all(statement.get("Sid") != label for statement in policy.get("Statement", ())):
            raise InvalidParameterValue(
                f"Value {label} for parameter Label is invalid. Reason: can't find label."
            )
        remove(backend, **call)

    parameters = "self region_name queue_name actions account_ids label"
    return [
        MotoPatch(SQSBackend, "add_permission", parameters, add_permission),
        MotoPatch(SQSBackend, "remove_permission", "self queue_name label", remove_permission),
    ]


def _tags_patch() -> MotoPatch:
    def list_queue_tags(response: SQSResponse, _: Call) -> ActionResult:
        tags = response.sqs_backend.get_queue(queue_name(response)).tags
        return ActionResult({"Tags": tags} if tags else {})

    return MotoPatch(SQSResponse, "list_queue_tags", "self", list_queue_tags)


def queue_name(response: SQSResponse) -> str:
    """Return the name of the request's queue: from its URL parameter, or from its own address."""
    url: str = response.params.get("QueueUrl") or response.path
    return url.rstrip("/").rsplit("/", 1)[-1]


def _with_encryption(attributes: dict[str, str]) -> dict[str, str]:
    """Switch off SQS's own encryption for a KMS key, and on without one."""
    if _ENCRYPTION in attributes or "KmsMasterKeyId" not in attributes:
        return attributes
    return {**attributes, _ENCRYPTION: str(not attributes["KmsMasterKeyId"]).lower()}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, dict) else str(value)
