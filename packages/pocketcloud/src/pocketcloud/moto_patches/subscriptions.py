"""SNS subscriptions: check their attributes as SNS does, before anything is stored."""

from collections.abc import Mapping

from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend, Subscription
from moto.sns.responses import SNSResponse

from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.eventbridge.patterns import InvalidPatternError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.sns.filter_policies import BY_ATTRIBUTES, check_filter_policy, check_scope, is_empty

_SUPPORTED = {"RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy"}
_FILTER = ("FilterPolicy", "FilterPolicyScope")
_PROTOCOLS = ("sqs", "lambda", "email")
"""An email subscription stays pending: no mail is sent."""


def patches() -> list[MotoPatch]:
    """Return the patches to moto's subscriptions."""
    original, respond = SNSBackend.subscribe, SNSResponse.subscribe

    def check_and_respond(response: SNSResponse, _: Call) -> object:
        read = response._get_param  # noqa: SLF001 - moto has no other reader of parameters
        topic, given = read("TopicArn"), read("Attributes")
        _check(given or {}, f"topic {topic}", "Attributes Reason: ")
        _check_function(read("Protocol"), topic, given or {})
        return respond(response)

    def subscribe(backend: SNSBackend, call: Call) -> Subscription:
        if call["protocol"] not in _PROTOCOLS:
            where = f"topic {call['topic_arn']}"
            raise UnsupportedOfflineError(f"{where}: protocol {call['protocol']} is not supported offline")
        return original(backend, **call)

    def set_subscription_attributes(backend: SNSBackend, call: Call) -> None:
        arn, name, value = call["arn"], call["name"], call["value"]
        attributes = backend.subscriptions[arn].attributes
        policy = {key: str(attributes[key]) for key in _FILTER if key in attributes}
        _check({**policy, name: value}, f"subscription {arn}")
        if name == "FilterPolicy" and is_empty(value):
            attributes.pop(name, None)
            return
        # Leave moto's own matcher unset: it rejects operators that AWS supports.
        attributes[name] = value

    return [
        MotoPatch(SNSResponse, "subscribe", "self", check_and_respond),
        MotoPatch(SNSBackend, "subscribe", "self topic_arn endpoint protocol", subscribe),
        MotoPatch(
            SNSBackend, "set_subscription_attributes", "self arn name value", set_subscription_attributes
        ),
    ]


def _check_function(protocol: str, topic: str, attributes: Mapping[str, str]) -> None:
    """Raise if a function cannot be subscribed so: it gets no raw messages, and none of a FIFO topic."""
    if protocol != "lambda":
        return
    if attributes.get("RawMessageDelivery", "false").lower() == "true":
        reason = "RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery."
        raise SNSInvalidParameter(f"Invalid parameter: Attributes Reason: {reason}")
    if str(topic).endswith(".fifo"):
        raise SNSInvalidParameter("Invalid parameter: Invalid protocol type: lambda")


def _check(attributes: Mapping[str, str], where: str, prefix: str = "") -> None:
    """Raise if an attribute is unsupported, or if the filter policy does not fit its scope."""
    if unsupported := sorted(attributes.keys() - _SUPPORTED):
        raise UnsupportedOfflineError(f"{where}: {', '.join(unsupported)} is not supported offline")
    scope, policy = attributes.get("FilterPolicyScope", BY_ATTRIBUTES), attributes.get("FilterPolicy")
    try:
        check_scope(scope)
        if policy is not None and not is_empty(policy):
            check_filter_policy(policy, scope)
    except InvalidPatternError as error:
        raise SNSInvalidParameter(f"Invalid parameter: {prefix}{error}") from error
