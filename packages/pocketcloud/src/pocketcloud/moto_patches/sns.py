"""SNS: moto stores topics and subscriptions; `Topics` delivers."""

from moto.sns.exceptions import InvalidParameterValue, SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription, Topic

from pocketcloud.core.delivery import DeliveryError
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.patterns import SUBSCRIPTION, InvalidPatternError, compile_pattern
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sns.topics import Topics

_SUBSCRIPTION = {"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"}
_UNSUPPORTED = ("group_id", "deduplication_id", "message_structure")
_PROTOCOLS = ("sqs", "email")
"""An email subscription stays pending: no mail is sent."""
_PUBLISH = "self message subject message_attributes group_id deduplication_id message_structure"


def patches(topics: Topics) -> list[MotoPatch]:
    """Return the patches to moto's SNS."""
    return [_publish_patch(topics), *_subscription_patches(), _creation_patch()]


def _publish_patch(topics: Topics) -> MotoPatch:
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

    return MotoPatch(Topic, "publish", _PUBLISH, publish)


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
