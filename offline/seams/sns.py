"""SNS: moto keeps topics and subscriptions, `Topics` delivers."""

from moto.sns.exceptions import InvalidParameterValue, SNSException, SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, Topic

from offline.delivery import DeliveryError
from offline.engine import UnsupportedOfflineError
from offline.patterns import SUBSCRIPTION, InvalidPatternError, compile_pattern
from offline.seams.seam import Call, Seam
from offline.topics import MAXIMUM_BYTES, Topics

_SUBSCRIPTION = {"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"}
_NOT_CARRIED_OUT = ("group_id", "deduplication_id", "message_structure")
_PROTOCOLS = ("sqs", "email")
"""A subscription by mail is kept and waits for its confirmation, as no mail leaves the machine."""
_PUBLISH = "self message subject message_attributes group_id deduplication_id message_structure"


class _BatchRequestTooLongError(SNSException):
    """moto has none: https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html."""

    code = "BatchRequestTooLong"
    message = "The length of all the batch messages put together is more than the limit."


def seams(topics: Topics) -> list[Seam]:
    """What of moto's SNS is replaced."""
    return [*_publishing(topics), *_subscribing(), _creating()]


def _publishing(topics: Topics) -> list[Seam]:
    def publish(topic: Topic, call: Call) -> str:
        refused = [name for name in _NOT_CARRIED_OUT if call.get(name)]
        if refused:
            raise UnsupportedOfflineError(f"Publish to {topic.arn}: {refused} is not carried out offline")
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
        Seam(Topic, "publish", _PUBLISH, publish),
        Seam(SNSBackend, "publish_batch", "self topic_arn publish_batch_request_entries", publish_batch),
    ]


def _subscribing() -> list[Seam]:
    original = SNSBackend.subscribe

    def subscribe(backend: SNSBackend, call: Call) -> Subscription:
        if call["protocol"] not in _PROTOCOLS:
            where = f"topic {call['topic_arn']}"
            raise UnsupportedOfflineError(f"{where}: protocol {call['protocol']} is not carried out offline")
        return original(backend, **call)

    def set_subscription_attributes(backend: SNSBackend, call: Call) -> None:
        arn, name, value = call["arn"], call["name"], call["value"]
        if name not in _SUBSCRIPTION:
            raise UnsupportedOfflineError(f"subscription {arn}: {name} is not carried out offline")
        if name == "FilterPolicy" and value:
            _check_filter_policy(value)
        # moto's own matcher stays unset: it rejects operators that AWS has.
        backend.subscriptions[arn].attributes[name] = value

    setting = "self arn name value"
    return [
        Seam(SNSBackend, "subscribe", "self topic_arn endpoint protocol", subscribe),
        Seam(SNSBackend, "set_subscription_attributes", setting, set_subscription_attributes),
    ]


def _creating() -> Seam:
    original = SNSBackend.create_topic

    def create_topic(backend: SNSBackend, call: Call) -> Topic:
        name, attributes = call["name"], call.get("attributes") or {}
        if str(attributes.get("FifoTopic", "")).lower() == "true" or name.endswith(".fifo"):
            raise UnsupportedOfflineError(f"topic {name}: FIFO topics are not carried out offline")
        return original(backend, **call)

    return Seam(SNSBackend, "create_topic", "self name attributes tags", create_topic)


def _check_filter_policy(policy: str) -> None:
    try:
        compile_pattern(policy, SUBSCRIPTION)
    except InvalidPatternError as error:
        raise SNSInvalidParameter(f"Invalid parameter: FilterPolicy: {error}") from error
