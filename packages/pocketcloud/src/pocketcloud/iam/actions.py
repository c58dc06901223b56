"""The permissions that each AWS call needs; an operation that is not listed is rejected.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import PARTITION, AccessRequest, AccountRegion
from pocketcloud.iam.dynamodb_actions import DynamoDbActions, PartitionKey
from pocketcloud.iam.events_actions import archive, put_events, replay, rule, start_replay
from pocketcloud.iam.kinesis_actions import KINESIS_OPERATIONS
from pocketcloud.iam.scheduler_actions import schedule
from pocketcloud.iam.service_actions import SERVICE_OPERATIONS
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnknownOperationError

Parameters = Mapping[str, Any]
Reader = Callable[[AccountRegion, Parameters], Iterable[AccessRequest]]
FindArn = Callable[[str], str | None]
"""Returns the ARN of the secret or the key with this name; None if there is none."""
_OF_SECRETS = frozenset(
    {
        "DeleteSecret",
        "DescribeSecret",
        "GetSecretValue",
        "ListSecretVersionIds",
        "PutSecretValue",
        "RestoreSecret",
        "UpdateSecret",
        "UpdateSecretVersionStage",
    }
)
_OF_KEYS = frozenset(
    {
        "Decrypt",
        "DescribeKey",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GetPublicKey",
        "Sign",
        "Verify",
    }
)
_KEY_ID_BYTES = 36
"""moto's ciphertext begins with the id of its key."""

MULTIVALUED = (
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "events:source",
    "events:detail-type",
    "ses:recipients",
)
"""Condition keys that can have several values."""
KNOWN_KEYS = frozenset(
    {
        *MULTIVALUED,
        "dynamodb:enclosingoperation",
        "dynamodb:returnvalues",
        "dynamodb:select",
        "s3:x-amz-acl",
        "ses:fromaddress",
        "iam:passedtoservice",
        "lambda:functionurlauthtype",
        "lambda:invokedviafunctionurl",
        "kms:calleraccount",
        "kms:encryptioncontext:aws:cloudtrail:arn",
        "kms:encryptioncontext:aws:events:event-bus:arn",
        "kms:encryptioncontext:aws:logs:arn",
        "kms:viaservice",
        "lambda:sourcefunctionarn",
        "cloudwatch:namespace",
        "aws:currenttime",
        "aws:epochtime",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:principalisawsservice",
        "aws:principalorgid",
        "aws:principalservicename",
        "aws:principalservicenameslist",
        "aws:principaltype",
        "aws:requestedregion",
        "aws:resourceaccount",
        "aws:securetransport",
        "aws:sourceaccount",
        "aws:sourcearn",
        "aws:sourceowner",
    }
)
"""The supported condition keys; any other is rejected."""


def _queue(*actions: str) -> Reader:
    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        account, name = parameters["QueueUrl"].rstrip("/").rsplit("/", 2)[-2:]
        for action in actions:
            yield AccessRequest(f"sqs:{action}", f"arn:aws:sqs:{location.region}:{account}:{name}")

    return read


def _queue_by_name(action: str) -> Reader:
    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        owner = AccountRegion(parameters.get("QueueOwnerAWSAccountId", location.account), location.region)
        yield AccessRequest(f"sqs:{action}", owner.arn("sqs", parameters["QueueName"]))

    return read


def _publish(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    # A text message to a telephone has no topic.
    target = parameters.get("TopicArn") or parameters.get("TargetArn") or location.arn("sns", "*")
    yield AccessRequest("sns:Publish", target)


def _email(sender: str, action: str = "SendEmail") -> Reader:
    """Return a reader for an email whose sender is in the parameter `sender`."""

    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        listed = parameters.get("Destinations") or [
            each for kind in parameters.get("Destination", {}).values() for each in kind
        ]
        yield from _sent(location, action, parameters.get(sender, "*"), tuple(listed))
        template = parameters.get("Content", {}).get("Template", {}).get("TemplateName")
        template = template or parameters.get("Template")
        if template:
            yield AccessRequest(f"ses:{action}", location.arn("ses", f"template/{template}"))

    return read


def _sent(
    location: AccountRegion, action: str, sender: str, recipients: tuple[str, ...]
) -> Iterator[AccessRequest]:
    address = sender.rpartition("<")[2].rstrip(">")
    context: dict[str, Value] = {"ses:fromaddress": address, "ses:recipients": recipients}
    # As in SES's sandbox, where each recipient is a verified identity and authorized as well.
    # https://github.com/cloudposse/terraform-aws-ses/issues/40
    for each in dict.fromkeys((address, *recipients)):
        yield AccessRequest(f"ses:{action}", location.arn("ses", f"identity/{each}"), context)


def _function(action: str) -> Reader:
    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        name = parameters["FunctionName"]
        qualifier = f":{parameters['Qualifier']}" if "Qualifier" in parameters else ""
        arn = name if name.startswith("arn:") else location.arn("lambda", f"function:{name}")
        yield AccessRequest(f"lambda:{action}", arn + qualifier)

    return read


def _everything(action: str, kind: str = "*") -> Reader:
    """Return a reader for operations without a resource, or on all resources of a kind."""

    def read(location: AccountRegion, _: Parameters) -> Iterator[AccessRequest]:
        yield AccessRequest(action, location.arn(action.partition(":")[0], kind))

    return read


def _log_group(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """Use the ARN that AWS's access-denied messages show: the group's, with an empty stream name."""
    arn = location.arn("logs", f"log-group:{parameters['logGroupName']}:log-stream:")
    yield AccessRequest("logs:FilterLogEvents", arn)


def _object(*actions: str) -> Reader:
    def read(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        acl: dict[str, Value] = {"s3:x-amz-acl": parameters["ACL"]} if "ACL" in parameters else {}
        for action in actions:
            arn = f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}"
            yield AccessRequest(f"s3:{action}", arn, acl)

    return read


def _objects(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    for deleted in parameters["Delete"]["Objects"]:
        yield AccessRequest("s3:DeleteObject", f"arn:aws:s3:::{parameters['Bucket']}/{deleted['Key']}")


def _bucket(action: str) -> Reader:
    def read(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        yield AccessRequest(f"s3:{action}", f"arn:aws:s3:::{parameters['Bucket']}")

    return read


def _http_apis(location: AccountRegion, _: Parameters) -> Iterator[AccessRequest]:
    yield AccessRequest("apigateway:GET", f"arn:{PARTITION}:apigateway:{location.region}::/apis")


OPERATIONS: Mapping[tuple[str, str], Reader] = {
    **SERVICE_OPERATIONS,
    ("apigatewayv2", "GetApis"): _http_apis,
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    ("cloudwatch", "DescribeAlarms"): _everything("cloudwatch:DescribeAlarms", "alarm:*"),
    ("cloudwatch", "GetMetricData"): _everything("cloudwatch:GetMetricData"),
    ("events", "DescribeArchive"): archive,
    ("events", "DescribeReplay"): replay,
    **{
        ("events", action): rule(action, "Name")
        for action in ("DeleteRule", "DescribeRule", "DisableRule", "EnableRule", "PutRule")
    },
    **{("events", action): rule(action, "Rule") for action in ("PutTargets", "RemoveTargets")},
    ("events", "ListReplays"): _everything("events:ListReplays"),
    ("events", "ListTargetsByRule"): rule("ListTargetsByRule", "Rule"),
    ("events", "PutEvents"): put_events,
    ("events", "StartReplay"): start_replay,
    **{("kinesis", name): read for name, read in KINESIS_OPERATIONS.items()},
    ("lambda", "GetFunctionConfiguration"): _function("GetFunctionConfiguration"),
    ("lambda", "GetFunction"): _function("GetFunction"),
    ("lambda", "Invoke"): _function("InvokeFunction"),
    ("lambda", "ListEventSourceMappings"): _everything("lambda:ListEventSourceMappings"),
    ("logs", "FilterLogEvents"): _log_group,
    ("scheduler", "CreateSchedule"): schedule("CreateSchedule"),
    ("scheduler", "DeleteSchedule"): schedule("DeleteSchedule"),
    ("scheduler", "GetSchedule"): schedule("GetSchedule"),
    ("scheduler", "ListSchedules"): _everything("scheduler:ListSchedules"),
    ("scheduler", "UpdateSchedule"): schedule("UpdateSchedule"),
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
    ("s3", "DeleteObject"): _object("DeleteObject"),
    ("s3", "DeleteObjects"): _objects,
    ("s3", "GetObject"): _object("GetObject"),
    ("s3", "HeadBucket"): _bucket("ListBucket"),
    ("s3", "HeadObject"): _object("GetObject"),
    ("s3", "ListObjects"): _bucket("ListBucket"),
    ("s3", "ListObjectsV2"): _bucket("ListBucket"),
    ("s3", "PutObject"): _object("PutObject"),
    ("ses", "SendEmail"): _email("Source"),
    ("ses", "SendRawEmail"): _email("Source", "SendRawEmail"),
    ("ses", "SendTemplatedEmail"): _email("Source", "SendTemplatedEmail"),
    ("sesv2", "SendEmail"): _email("FromEmailAddress"),
    ("sns", "Publish"): _publish,
    ("sns", "PublishBatch"): _publish,
    ("sqs", "ChangeMessageVisibility"): _queue("ChangeMessageVisibility"),
    ("sqs", "ChangeMessageVisibilityBatch"): _queue("ChangeMessageVisibility"),
    ("sqs", "CreateQueue"): _queue_by_name("CreateQueue"),
    ("sqs", "DeleteMessage"): _queue("DeleteMessage"),
    ("sqs", "DeleteMessageBatch"): _queue("DeleteMessage"),
    ("sqs", "DeleteQueue"): _queue("DeleteQueue"),
    ("sqs", "GetQueueAttributes"): _queue("GetQueueAttributes"),
    ("sqs", "GetQueueUrl"): _queue_by_name("GetQueueUrl"),
    ("sqs", "ListQueues"): _everything("sqs:ListQueues"),
    ("sqs", "PurgeQueue"): _queue("PurgeQueue"),
    ("sqs", "ReceiveMessage"): _queue("ReceiveMessage"),
    ("sqs", "SendMessage"): _queue("SendMessage"),
    ("sqs", "SendMessageBatch"): _queue("SendMessage"),
    ("sqs", "SetQueueAttributes"): _queue("SetQueueAttributes"),
}


class Actions:
    """The permissions that calls need in one account."""

    def __init__(
        self,
        location: AccountRegion,
        partition_key: PartitionKey,
        *,
        secret_arn: FindArn,
        key_arn: FindArn,
    ) -> None:
        self._location = location
        self._dynamodb = DynamoDbActions(location, partition_key)
        self._secret_arn, self._key_arn = secret_arn, key_arn

    def of(self, service: str, operation: str, parameters: Parameters) -> Iterable[AccessRequest]:
        """Return every permission that the call needs."""
        if service == "dynamodb" and (service, operation) not in OPERATIONS:
            return self._dynamodb.of(operation, parameters)
        if service == "kms" and operation in _OF_KEYS:
            return [AccessRequest(f"kms:{operation}", self._key(parameters))]
        if service == "secretsmanager" and operation in _OF_SECRETS:
            return [AccessRequest(f"secretsmanager:{operation}", self._secret(parameters["SecretId"]))]
        read = OPERATIONS.get((service, operation))
        if read is None:
            raise UnknownOperationError(
                f"the permissions of {service}.{operation} are not known: add them to {__name__}"
            )
        return read(self._location, parameters)

    def _key(self, parameters: Parameters) -> str:
        blob = bytes(parameters.get("CiphertextBlob", b""))
        named = parameters.get("KeyId") or blob[:_KEY_ID_BYTES].decode(errors="replace")
        return self._key_arn(named) or self._location.arn("kms", f"key/{named}")

    def _secret(self, name: str) -> str:
        return self._secret_arn(name) or self._location.arn("secretsmanager", f"secret:{name}")
