"""SNS: moto stores topics and subscriptions; `Topics` delivers."""

from moto.sns.exceptions import InvalidParameterValue, SNSException
from moto.sns.models import SNSBackend, Topic

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches import subscriptions
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sns.message_structure import message_for
from pocketcloud.sns.topics import MAXIMUM_BYTES, Topics

_UNSUPPORTED = ("group_id", "deduplication_id")
_PUBLISH = "self message subject message_attributes group_id deduplication_id message_structure"


class _BatchRequestTooLongError(SNSException):
    """The error that moto lacks: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html."""

    code = "BatchRequestTooLong"
    message = "The length of all the batch messages put together is more than the limit."


def patches(topics: Topics) -> list[MotoPatch]:
    """Return the patches to moto's SNS."""
    return [*_publish_patches(topics), *subscriptions.patches(), _creation_patch()]


def _publish_patches(topics: Topics) -> list[MotoPatch]:
    def publish(topic: Topic, call: Call) -> str:
        unsupported = [name for name in _UNSUPPORTED if call.get(name)]
        if unsupported:
            names = ", ".join(unsupported)
            raise UnsupportedOfflineError(f"Publish to {topic.arn}: {names} is not supported offline")
        attributes, message = call.get("message_attributes"), call["message"]
        try:
            # Every subscription that receives messages is a queue's: an email subscription stays pending.
            text = message_for("sqs", message) if call.get("message_structure") == "json" else message
            return topics.publish(topic, text, subject=call.get("subject"), attributes=attributes)
        except DeliveryError as error:
            raise InvalidParameterValue(error.message) from error

    original = SNSBackend.publish_batch

    def publish_batch(backend: SNSBackend, call: Call) -> object:
        entries = call["publish_batch_request_entries"]
        if sum(len(entry["Message"].encode()) for entry in entries) > MAXIMUM_BYTES:
            raise _BatchRequestTooLongError
        return original(backend, **call)

    return [
        MotoPatch(Topic, "publish", _PUBLISH, publish),
        MotoPatch(SNSBackend, "publish_batch", "self topic_arn publish_batch_request_entries", publish_batch),
    ]


def _creation_patch() -> MotoPatch:
    original = SNSBackend.create_topic

    def create_topic(backend: SNSBackend, call: Call) -> Topic:
        name, attributes = call["name"], call.get("attributes") or {}
        if str(attributes.get("FifoTopic", "")).lower() == "true" or name.endswith(".fifo"):
            raise UnsupportedOfflineError(f"topic {name}: FIFO topics are not supported offline")
        return original(backend, **call)

    return MotoPatch(SNSBackend, "create_topic", "self name attributes tags", create_topic)
