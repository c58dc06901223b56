"""SNS: moto keeps topics and subscriptions, `Topics` delivers."""

from moto.sns.exceptions import InvalidParameterValue, SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, Topic

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.patterns import SUBSCRIPTION, InvalidPatternError, compile_pattern
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sns.topics import Topics

_SUBSCRIPTION = {"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"}
_NOT_CARRIED_OUT = ("group_id", "deduplication_id", "message_structure")
_PROTOCOLS = ("sqs", "email")
"""A subscription by mail is kept and waits for its confirmation, as no mail leaves the machine."""
_PUBLISH = "self message subject message_attributes group_id deduplication_id message_structure"


def seams(topics: Topics) -> list[MotoPatch]:
    """What of moto's SNS is replaced."""
    return [_publishing(topics), *_subscribing(), _creating()]


def _publishing(topics: Topics) -> MotoPatch:
    def publish(topic: Topic, call: Call) -> str:
        refused = [name for name in _NOT_CARRIED_OUT if call.get(name)]
        if refused:
            raise UnsupportedOfflineError(f"Publish to {topic.arn}: {refused} is not carried out offline")
        attributes = call.get("message_attributes")
        try:
            return topics.publish(topic, call["message"], subject=call.get("subject"), attributes=attributes)
        except DeliveryError as error:
            raise InvalidParameterValue(error.message) from error

    return MotoPatch(Topic, "publish", _PUBLISH, publish)


def _subscribing() -> list[MotoPatch]:
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
        MotoPatch(SNSBackend, "subscribe", "self topic_arn endpoint protocol", subscribe),
        MotoPatch(SNSBackend, "set_subscription_attributes", setting, set_subscription_attributes),
    ]


def _creating() -> MotoPatch:
    original = SNSBackend.create_topic

    def create_topic(backend: SNSBackend, call: Call) -> Topic:
        name, attributes = call["name"], call.get("attributes") or {}
        if str(attributes.get("FifoTopic", "")).lower() == "true" or name.endswith(".fifo"):
            raise UnsupportedOfflineError(f"topic {name}: FIFO topics are not carried out offline")
        return original(backend, **call)

    return MotoPatch(SNSBackend, "create_topic", "self name attributes tags", create_topic)


def _check_filter_policy(policy: str) -> None:
    try:
        compile_pattern(policy, SUBSCRIPTION)
    except InvalidPatternError as error:
        raise SNSInvalidParameter(f"Invalid parameter: FilterPolicy: {error}") from error
