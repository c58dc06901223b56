"""The permissions of a function's role that a mapping needs, checked at creation and at every poll.

https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html
https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

from collections.abc import Sequence

from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.topic_mapping import TopicMapping
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.iam.access_request import PARTITION, AccessRequest
from pocketcloud.iam.account_policies import UnknownRoleError
from pocketcloud.mq.broker_mapping import BrokerMapping

_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_STREAM = (
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:DescribeStream",
    "dynamodb:ListStreams",
)
_KINESIS_NAMES = ("GetRecords", "GetShardIterator", "DescribeStream", "ListShards", "ListStreams")
_NEEDED = {
    "sqs": _QUEUE,
    "dynamodb": _STREAM,
    "kafka": (),  # what a cluster of Amazon MSK needs besides depends on the topic
    "kinesis": tuple(f"kinesis:{name}" for name in _KINESIS_NAMES),
    "mq": ("mq:DescribeBroker",),
}
_SENDS = {"s3": "s3:PutObject", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def destination_access(arn: str) -> tuple[str, str]:
    """Return the action and the resource that a mapping's role needs for its on-failure destination."""
    service = arn.split(":")[2]
    return _SENDS[service], f"{arn}/*" if service == "s3" else arn


def check_role(mapping: EventSourceMapping, engine: Engine) -> None:
    """Raise LambdaClientError if the role lacks a permission that the mapping needs."""
    function, source = function_in(mapping.function_arn), mapping.event_source_arn
    destination = ((mapping.destination_config or {}).get("OnFailure") or {}).get("Destination")
    needed = [(action, source) for action in _NEEDED[source.split(":")[2]]]
    needed += [("secretsmanager:GetSecretValue", secret) for secret in _secrets(mapping)]
    if destination:
        needed.append(destination_access(destination))
    if isinstance(mapping, TopicMapping):
        needed += [*_of_cluster(mapping), *_of_network(mapping)]
    if isinstance(mapping, BrokerMapping):
        needed.append(("secretsmanager:GetSecretValue", mapping.secret))
    for action, resource in needed:
        if engine.access.authorize_function(function, action, resource):
            raise LambdaClientError("InvalidParameterValueException", _denial(action, source))


def _of_cluster(mapping: TopicMapping) -> list[tuple[str, str]]:
    """Return what Lambda's pollers need of a cluster of Amazon MSK, which authenticates by IAM.

    https://docs.aws.amazon.com/lambda/latest/dg/with-msk-permissions.html
    """
    arn = mapping.cluster_arn
    if arn is None:
        return []
    looks = [("kafka:DescribeClusterV2", arn), ("kafka:GetBootstrapBrokers", arn)]
    if _secrets(mapping):
        return looks
    topic = f"{arn.replace(':cluster/', ':topic/')}/{mapping.topic}"
    group = f"{arn.replace(':cluster/', ':group/')}/{mapping.group}"
    of_cluster = ("Connect", "DescribeClusterDynamicConfiguration")
    return [
        *looks,
        *((f"kafka-cluster:{name}", arn) for name in of_cluster),
        *((f"kafka-cluster:{name}", topic) for name in ("DescribeTopic", "ReadData")),
        *((f"kafka-cluster:{name}", group) for name in ("AlterGroup", "DescribeGroup")),
    ]


def _of_network(mapping: TopicMapping) -> list[tuple[str, str]]:
    """Return what Lambda needs to put its pollers into a VPC."""
    if not mapping.needs_network:
        return []
    region, account = mapping.function_arn.split(":")[3:5]
    network = f"arn:{PARTITION}:ec2:{region}:{account}:"
    changes = ("CreateNetworkInterface", "DeleteNetworkInterface")
    looks = ("DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcs")
    return [
        *((f"ec2:{name}", f"{network}network-interface/eni-0") for name in changes),
        # Only a statement for every resource allows these.
        *((f"ec2:{name}", f"{network}*") for name in looks),
    ]


def _secrets(mapping: EventSourceMapping) -> list[str]:
    """Return the secrets that Lambda's pollers read with the function's role."""
    return [each["URI"] for each in mapping.source_access_config or () if ":secretsmanager:" in each["URI"]]


def _denial(action: str, source: str) -> str:
    service, _, name = action.partition(":")
    if service == "kinesis":
        listed = f"{', '.join(_KINESIS_NAMES[:-1])}, and {_KINESIS_NAMES[-1]}"
        return (
            f"Cannot access stream {source}. Please ensure the role can perform the {listed} Actions on your"
            " stream in IAM."
        )
    return f"The function execution role does not have permissions to call {name} on {service.upper()}"


class PollPermission:
    """A mapping's permission to poll; after a denial it waits until policies change."""

    def __init__(self, engine: Engine, mapping: EventSourceMapping, *actions: str) -> None:
        self._access = engine.access
        self._mapping = mapping
        self._actions = actions
        self._denied_generation: int | None = None

    @property
    def is_denied(self) -> bool:
        """Whether the current policies denied a poll."""
        return self._denied_generation == self._access.generation

    def check(self, *actions: str) -> bool:
        """Return whether these actions on the source, or all that a poll needs, are allowed."""
        is_allowed = self._allows(actions or self._actions)
        if not is_allowed and not actions:
            self._denied_generation = self._access.generation
        return is_allowed

    def _allows(self, actions: Sequence[str]) -> bool:
        """Return whether the role may do all this; a mapping outlives its function and its role."""
        try:
            principal = self._access.function(function_in(self._mapping.function_arn))
        except (LambdaClientError, UnknownRoleError):
            return False
        source = self._mapping.event_source_arn
        return not any(self._access.authorize(principal, AccessRequest(each, source)) for each in actions)
