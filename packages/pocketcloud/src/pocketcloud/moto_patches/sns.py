"""SNS: moto stores topics and subscriptions; `Topics` delivers."""

from moto.sns.exceptions import InvalidParameterValue, SNSException, SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, Topic

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.patterns import SUBSCRIPTION, InvalidPatternError, compile_pattern
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sns.topics import MAXIMUM_BYTES, Topics

_SUBSCRIPTION = {"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"}
_UNSUPPORTED = ("group_id", "deduplication_id", "message_structure")
_PROTOCOLS = ("sqs", "email")
"""An email subscription stays pending: no mail is sent."""
_PUBLISH = "self message subject message_attributes group_id deduplication_id message_structure"


class _BatchRequestTooLongError(SNSException):
    """The error that moto lacks: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html."""

    code = "BatchRequestTooLong"
    message = "The length of all the batch messages put together is more than the limit."


def patches(topics: Topics) -> list[MotoPatch]:
    """Return the patches to moto's SNS."""
    return [*_publish_patches(topics), *_subscription_patches(), _creation_patch()]


def _publish_patches(topics: Topics) -> list[MotoPatch]:
    def publish(topic: Topic, call: Call) -> str:
        unsupported = [name for name in _UNSUPPORTED if call.get(name)]
        if unsupported:
            names = ", ".join(unsupported)
            raise UnsupportedOfflineError(f"Publish to {topic.arn}: {names} is not supported offline")
        attributes = call.get("message_attributes")
        try:
            return topics.publish(topic, call["message"], subject=call.get("subject"), attributes=attributes)
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


def _subscription_patches() -> list[MotoPatch]:
    original = SNSBackend.subscribe

    def subscribe(backend: SNSBackend, call: Call) -> Subscription:
        if call["protocol"] not in _PROTOCOLS:
            where = f"topic {call['topic_arn']}"
            raise UnsupportedOfflineError(f"{where}: protocol {call['protocol']} is not supported offline")
        return original(backend, **call)

    def set_subscription_attributes(backend: SNSBackend, call: Call) -> None:
        arn, name, value = call["arn"], call["name"], call["value"]
        if name not in _SUBSCRIPTION:
            raise UnsupportedOfflineError(f"subscription {arn}: {name} is not supported offline")
        if name == "FilterPolicy" and value:
            _check_filter_policy(value)
        # Leave moto's own matcher unset: it rejects operators that AWS supports.
        backend.subscriptions[arn].attributes[name] = value

    setting = "self arn name value"
    return [
        MotoPatch(SNSBackend, "subscribe", "self topic_arn endpoint protocol", subscribe),
        MotoPatch(SNSBackend, "set_subscription_attributes", setting, set_subscription_attributes),
    ]


def _creation_patch() -> MotoPatch:
    original = SNSBackend.create_topic

    def create_topic(backend: SNSBackend, call: Call) -> Topic:
        name, attributes = call["name"], call.get("attributes") or {}
        if str(attributes.get("FifoTopic", "")).lower() == "true" or name.endswith(".fifo"):
            raise UnsupportedOfflineError(f"topic {name}: FIFO topics are not supported offline")
        return original(backend, **call)

    return MotoPatch(SNSBackend, "create_topic", "self name attributes tags", create_topic)


def _check_filter_policy(policy: str) -> None:
    try:
        compile_pattern(policy, SUBSCRIPTION)
    except InvalidPatternError as error:
        raise SNSInvalidParameter(f"Invalid parameter: FilterPolicy: {error}") from error
