"""Changes and deletion of queues, topics and subscriptions."""

from collections.abc import Iterable, Mapping

from pocketcloud.cloudformation.resources import sns, sqs
from pocketcloud.cloudformation.resources.json_document import as_attribute, as_resource_policy
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing, Lifecycle
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest

_QUEUE_DEFAULTS = {
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "DelaySeconds": "0",
    "FifoThroughputLimit": "perQueue",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "RedriveAllowPolicy": "",
    "RedrivePolicy": "",
    "VisibilityTimeout": "30",
}
"""Values of attributes that a template no longer sets.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""
_TOPIC_DEFAULTS = {"ContentBasedDeduplication": "false", "DisplayName": "", "KmsMasterKeyId": ""}
_SUBSCRIPTION_DEFAULTS = {
    "FilterPolicy": "{}",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
}


def changed_attributes(
    existing: Existing, request: CreateRequest, names: Iterable[str], defaults: Mapping[str, str]
) -> dict[str, str]:
    """Return the attributes to set, as text; one that was removed has its default."""
    old, new = existing.properties, request.properties
    changed = [name for name in names if old.get(name) != new.get(name)]
    return {name: as_attribute(new[name]) if name in new else defaults[name] for name in changed}


def _update_queue(existing: Existing, request: CreateRequest) -> Created:
    attributes = changed_attributes(existing, request, sqs.ATTRIBUTES, _QUEUE_DEFAULTS)
    if attributes:
        existing.client("sqs").set_queue_attributes(QueueUrl=existing.physical_id, Attributes=attributes)
    return existing.created


def _delete_queue(existing: Existing) -> None:
    existing.client("sqs").delete_queue(QueueUrl=existing.physical_id)


def _set_queue_policy(existing: Existing, request: CreateRequest) -> Created:
    policy = as_resource_policy(request.properties["PolicyDocument"])
    for url in existing.properties["Queues"]:
        existing.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    for url in request.properties["Queues"]:
        existing.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return existing.created


def _delete_queue_policy(existing: Existing) -> None:
    for url in existing.properties["Queues"]:
        existing.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def _update_topic(existing: Existing, request: CreateRequest) -> Created:
    attributes = changed_attributes(existing, request, sns.TOPIC_ATTRIBUTES, _TOPIC_DEFAULTS)
    for name, value in attributes.items():
        existing.client("sns").set_topic_attributes(
            TopicArn=existing.physical_id, AttributeName=name, AttributeValue=value
        )
    return existing.created


def _delete_topic(existing: Existing) -> None:
    existing.client("sns").delete_topic(TopicArn=existing.physical_id)


def _set_topic_policy(existing: Existing, request: CreateRequest) -> Created:
    policy = as_resource_policy(request.properties["PolicyDocument"])
    for topic in request.properties["Topics"]:
        existing.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )
    return existing.created


def _delete_topic_policy(existing: Existing) -> None:
    """Restore the policy that SNS gives a topic, which allows its owner."""
    for topic in existing.properties["Topics"]:
        owner = {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:Publish", "SNS:Subscribe", "SNS:GetTopicAttributes"],
            "Resource": topic,
            "Condition": {"StringEquals": {"AWS:SourceOwner": existing.account.id}},
        }
        policy = as_resource_policy({"Version": "2008-10-17", "Statement": [owner]})
        existing.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )


def _update_subscription(existing: Existing, request: CreateRequest) -> Created:
    attributes = changed_attributes(existing, request, sns.SUBSCRIPTION_ATTRIBUTES, _SUBSCRIPTION_DEFAULTS)
    # The scope decides how SNS reads the policy.
    for name in sorted(attributes, key=lambda name: name != "FilterPolicyScope"):
        existing.client("sns").set_subscription_attributes(
            SubscriptionArn=existing.physical_id, AttributeName=name, AttributeValue=attributes[name]
        )
    return existing.created


def _unsubscribe(existing: Existing) -> None:
    existing.client("sns").unsubscribe(SubscriptionArn=existing.physical_id)


LIFECYCLES = {
    "AWS::SQS::Queue": Lifecycle(
        update=_update_queue,
        delete=_delete_queue,
        replaces=frozenset({"FifoQueue", "QueueName"}),
        unsupported=frozenset(sqs.ATTRIBUTES) - _QUEUE_DEFAULTS.keys() - {"FifoQueue"},
        custom_name="QueueName",
    ),
    "AWS::SQS::QueuePolicy": Lifecycle(update=_set_queue_policy, delete=_delete_queue_policy),
    "AWS::SNS::Topic": Lifecycle(
        update=_update_topic,
        delete=_delete_topic,
        replaces=frozenset({"FifoTopic", "TopicName"}),
        unsupported=frozenset({"FifoThroughputScope", "SignatureVersion"}),
        custom_name="TopicName",
    ),
    "AWS::SNS::TopicPolicy": Lifecycle(
        update=_set_topic_policy, delete=_delete_topic_policy, unsupported=frozenset({"Topics"})
    ),
    "AWS::SNS::Subscription": Lifecycle(
        update=_update_subscription,
        delete=_unsubscribe,
        replaces=frozenset({"Endpoint", "Protocol", "TopicArn"}),
        unsupported=frozenset({"RedrivePolicy", "Region"}),
    ),
}
