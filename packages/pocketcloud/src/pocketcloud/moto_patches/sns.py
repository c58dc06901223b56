"""SNS: moto stores topics and subscriptions; `Topics` delivers."""

from typing import Any

from moto.core.responses import ActionResult
from moto.sns.exceptions import InvalidParameterValue, SNSException, SNSInvalidParameter
from moto.sns.models import SNSBackend, Topic
from moto.sns.responses import SNSResponse

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches import subscriptions
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sns.message_structure import message_for
from pocketcloud.sns.topics import MAXIMUM_BYTES, Topics
from pocketcloud.sqs.message_checks import MessageGroup

_PUBLISH = "self message subject message_attributes group_id deduplication_id message_structure"


_FIFO_ONLY = {"ContentBasedDeduplication", "FifoThroughputScope"}


class _BatchRequestTooLongError(SNSException):
    """The error that moto lacks: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html."""

    code = "BatchRequestTooLong"
    message = "The length of all the batch messages put together is more than the limit."


def patches(topics: Topics) -> list[MotoPatch]:
    """Return the patches to moto's SNS."""
    return [*_publish_patches(topics), *subscriptions.patches(), *_topic_patches()]


def _publish_patches(topics: Topics) -> list[MotoPatch]:
    def publish(topic: Topic, call: Call) -> str:
        attributes, message = call.get("message_attributes"), call["message"]
        try:
            # Only queues and functions receive messages: an email subscription stays pending.
            is_structured = call.get("message_structure") == "json"
            text = message_for("sqs", message) if is_structured else message
            for_functions = message_for("lambda", message) if is_structured else None
            group = MessageGroup(call.get("group_id"), call.get("deduplication_id"))
            subject = call.get("subject")
            return topics.publish(
                topic,
                text,
                subject=subject,
                attributes=attributes,
                group=group,
                function_message=for_functions,
            )
        except DeliveryError as error:
            raise InvalidParameterValue(error.message) from error

    original, respond = SNSBackend.publish_batch, SNSResponse.publish

    def publish_and_respond(response: SNSResponse, _: Call) -> ActionResult:
        result = respond(response)
        shown: Any = result.result
        number = topics.fifo.sequence_number(shown["MessageId"])
        return ActionResult({**shown, "SequenceNumber": number}) if number else result

    def publish_batch(backend: SNSBackend, call: Call) -> object:
        entries = call["publish_batch_request_entries"]
        if sum(len(entry["Message"].encode()) for entry in entries) > MAXIMUM_BYTES:
            raise _BatchRequestTooLongError
        successful, failed = original(backend, **call)
        for entry in successful:
            if number := topics.fifo.sequence_number(entry["MessageId"]):
                entry["SequenceNumber"] = number
        return successful, failed

    return [
        MotoPatch(SNSResponse, "publish", "self", publish_and_respond),
        MotoPatch(Topic, "publish", _PUBLISH, publish),
        MotoPatch(SNSBackend, "publish_batch", "self topic_arn publish_batch_request_entries", publish_batch),
    ]


def _topic_patches() -> list[MotoPatch]:
    original, change = SNSBackend.create_topic, SNSBackend.set_topic_attribute

    def create_topic(backend: SNSBackend, call: Call) -> Topic:
        name, attributes = call["name"], call.get("attributes") or {}
        if "ArchivePolicy" in attributes:
            raise UnsupportedOfflineError("a topic's ArchivePolicy is not supported offline")
        # moto reads the text "false" as true.
        kept = {key: value for key, value in attributes.items() if str(value).lower() != "false"}
        if not kept.get("FifoTopic") and kept.keys() & _FIFO_ONLY:
            names = ", ".join(sorted(kept.keys() & _FIFO_ONLY))
            raise SNSInvalidParameter(
                f"Invalid parameter: Attributes Reason: {names} is for FIFO topics only"
            )
        return original(backend, name, kept, call.get("tags"))

    def set_topic_attribute(backend: SNSBackend, call: Call) -> None:
        if call["attribute_name"] == "FifoTopic":
            raise SNSInvalidParameter("Invalid parameter: AttributeName")
        change(backend, **call)
        if call["attribute_name"] == "ContentBasedDeduplication":
            topic = backend.get_topic(call["topic_arn"])
            topic.content_based_deduplication = str(call["attribute_value"]).lower() == "true"

    parameters = "self topic_arn attribute_name attribute_value"
    return [
        MotoPatch(SNSBackend, "create_topic", "self name attributes tags", create_topic),
        MotoPatch(SNSBackend, "set_topic_attribute", parameters, set_topic_attribute),
    ]
