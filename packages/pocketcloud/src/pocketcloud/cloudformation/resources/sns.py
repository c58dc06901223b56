"""SNS: topics, their policies and subscriptions."""

import json

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.json_document import as_attribute, as_resource_policy
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType
from pocketcloud.cloudformation.resources.sqs import FIFO, require_queue

TOPIC_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DisplayName",
    "FifoThroughputScope",
    "FifoTopic",
    "KmsMasterKeyId",
    "SignatureVersion",
)
SUBSCRIPTION_ATTRIBUTES = ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy")


def _create_topic(request: CreateRequest) -> Created:
    attributes = {name: as_attribute(value) for name, value in request.pick(*TOPIC_ATTRIBUTES).items()}
    name = request.name("TopicName", max_characters=256 - len(FIFO))
    if request.properties.get("FifoTopic") and "TopicName" not in request.properties:
        name += FIFO
    arn = request.client("sns").create_topic(Name=name, Attributes=attributes)["TopicArn"]
    return Created(ref=arn, attributes={"TopicArn": arn, "TopicName": name})


def _create_topic_policy(request: CreateRequest) -> Created:
    policy = as_resource_policy(request.properties["PolicyDocument"])
    for topic in request.properties["Topics"]:
        request.client("sns").set_topic_attributes(
            TopicArn=topic, AttributeName="Policy", AttributeValue=policy
        )
    return Created(ref=request.logical_id, attributes={"Id": request.logical_id})


def _subscribe(request: CreateRequest) -> Created:
    region = request.properties.get("Region", request.account.region)
    if region != request.account.region:
        raise ResourceError(f"Region: only {request.account.region} is supported offline, not {region}")
    chosen = request.pick(*SUBSCRIPTION_ATTRIBUTES)
    attributes = {name: as_attribute(value) for name, value in chosen.items()}
    if "RedrivePolicy" in attributes:
        require_queue(request, json.loads(attributes["RedrivePolicy"])["deadLetterTargetArn"])
    arn = request.client("sns").subscribe(
        **request.pick("TopicArn", "Protocol", "Endpoint"),
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    return Created(ref=arn, attributes={"Arn": arn})


TYPES = (
    ResourceType(
        name="AWS::SNS::Topic",
        create=_create_topic,
        supported=frozenset({"TopicName", *TOPIC_ATTRIBUTES}),
        ignored={
            **TAGS,
            "TracingConfig": "X-Ray is not supported; the journal records every hop",
        },
    ),
    ResourceType(
        name="AWS::SNS::TopicPolicy",
        create=_create_topic_policy,
        supported=frozenset({"PolicyDocument", "Topics"}),
    ),
    ResourceType(
        name="AWS::SNS::Subscription",
        create=_subscribe,
        supported=frozenset({"Endpoint", "Protocol", "Region", "TopicArn", *SUBSCRIPTION_ATTRIBUTES}),
    ),
)
