"""SQS: queues and their policies."""

import json
from typing import Any

from botocore.exceptions import ClientError

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.json_document import as_attribute, as_resource_policy, as_text
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

FIFO = ".fifo"
ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


def require_queue(request: CreateRequest, arn: str) -> str:
    """Return the URL of the queue with this ARN; raise ResourceError if it does not exist."""
    try:
        url: str = request.client("sqs").get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
    except ClientError as error:
        raise ResourceError(f"queue {arn} does not exist") from error
    return url


def _create_queue(request: CreateRequest) -> Created:
    fifo = bool(request.properties.get("FifoQueue"))
    name = request.name("QueueName", max_characters=80 - len(FIFO))
    if fifo and "QueueName" not in request.properties:
        name += FIFO
    _check_dead_letter_queue(request, fifo=fifo)
    attributes = {name: as_attribute(value) for name, value in request.pick(*ATTRIBUTES).items()}
    url = request.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = request.account.arn("sqs", name)
    return Created(ref=url, attributes={"Arn": arn, "QueueName": name, "QueueUrl": url})


def _check_dead_letter_queue(request: CreateRequest, *, fifo: bool) -> None:
    policy: Any = request.properties.get("RedrivePolicy")
    if policy is None:
        return
    arn: str = json.loads(as_text(policy))["deadLetterTargetArn"]
    require_queue(request, arn)
    if arn.endswith(FIFO) != fifo:
        raise ResourceError(f"RedrivePolicy: the queue and {arn} must both be FIFO, or neither")


def _create_queue_policy(request: CreateRequest) -> Created:
    policy = {"Policy": as_resource_policy(request.properties["PolicyDocument"])}
    for url in request.properties["Queues"]:
        request.client("sqs").set_queue_attributes(QueueUrl=url, Attributes=policy)
    return Created(ref=request.logical_id, attributes={"Id": request.logical_id})


TYPES = (
    ResourceType(
        name="AWS::SQS::Queue",
        create=_create_queue,
        supported=frozenset({"QueueName", *ATTRIBUTES}),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::SQS::QueuePolicy",
        create=_create_queue_policy,
        supported=frozenset({"PolicyDocument", "Queues"}),
    ),
)
