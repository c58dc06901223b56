"""SQS's checks of queue attributes.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from collections.abc import Mapping

from moto.sqs.exceptions import InvalidAttributeName, InvalidParameterValue, SQSException

FIFO_SUFFIX = ".fifo"
_RANGES = {
    "DelaySeconds": (0, 900),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}
_HIGH_THROUGHPUT = {
    "DeduplicationScope": ("messageGroup", "queue"),
    "FifoThroughputLimit": ("perQueue", "perMessageGroupId"),
}
_FIFO_ONLY = {"ContentBasedDeduplication", "FifoQueue", *_HIGH_THROUGHPUT}
_OTHER = {"KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled"}
READ_ONLY = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "QueueArn",
)
READABLE = frozenset({"All", *READ_ONLY, *_RANGES, *_FIFO_ONLY, *_OTHER})


def check_name(name: str, attributes: Mapping[str, str]) -> None:
    """Raise SQSException unless exactly the FIFO queues have the suffix."""
    is_fifo = str(attributes.get("FifoQueue", "")).lower() == "true"
    if is_fifo and not name.endswith(FIFO_SUFFIX):
        raise InvalidParameterValue(
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores,"
            " must end with .fifo suffix and be 1 to 80 in length."
        )
    if not is_fifo and name.endswith(FIFO_SUFFIX):
        raise InvalidParameterValue(
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
        )


def check_attributes(attributes: Mapping[str, str], *, fifo: bool) -> None:
    """Raise SQSException for an attribute that the queue does not have, or a value outside its range."""
    for name, value in attributes.items():
        if name not in {*_RANGES, *_FIFO_ONLY, *_OTHER}:
            raise InvalidAttributeName(name)
        if name in _FIFO_ONLY and not fifo:
            raise _needs_fifo(name)
        if name in _HIGH_THROUGHPUT and value not in _HIGH_THROUGHPUT[name]:
            raise _invalid(name)
        if name in _RANGES and value != "":
            low, high = _RANGES[name]
            if not str(value).isdigit() or not low <= int(value) <= high:
                raise _invalid(name)


def check_high_throughput(current: Mapping[str, str]) -> None:
    """Raise SQSException for a limit per group without deduplication per group."""
    per_group = current.get("FifoThroughputLimit") == "perMessageGroupId"
    if per_group and current.get("DeduplicationScope") != "messageGroup":
        raise InvalidParameterValue(
            "The perMessageGroupId value for FifoThroughputLimit is allowed only when"
            " DeduplicationScope is messageGroup."
        )


def check_change(attributes: Mapping[str, str], *, fifo: bool) -> None:
    """Raise SQSException for a change of the queue's type."""
    if fifo and str(attributes.get("FifoQueue", "true")).lower() != "true":
        raise SQSException(
            "InvalidAttributeValue",
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.",
        )


def _needs_fifo(name: str) -> SQSException:
    if name in _HIGH_THROUGHPUT:
        message = f"You can specify the {name} only when FifoQueue is set to true."
        return SQSException("InvalidAttributeName", message)
    return InvalidAttributeName(name)


def _invalid(name: str) -> SQSException:
    return SQSException("InvalidAttributeValue", f"Invalid value for the parameter {name}.")
