"""Which permissions a call needs, service by service; an operation that is not listed is refused by name.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import PARTITION, AccessRequest, AccountRegion
from pocketcloud.iam.dynamodb_actions import DynamoDbActions, PartitionKey
from pocketcloud.iam.events_actions import archive, put_events, replay, rule, start_replay
from pocketcloud.iam.text import Value
from pocketcloud.iam.unsupported import UnsupportedPolicyError

Parameters = Mapping[str, Any]
Reader = Callable[[AccountRegion, Parameters], Iterable[AccessRequest]]
SecretArn = Callable[[str], str | None]
"""The ARN of the secret of that name; None if there is none."""
_OF_SECRETS = frozenset({"DescribeSecret", "GetSecretValue"})

MULTIVALUED = (
    "dynamodb:attributes",
    "dynamodb:leadingkeys",
    "events:source",
    "events:detail-type",
    "ses:recipients",
)
"""Keys of which a request may have several values."""
KNOWN_KEYS = frozenset(
    {
        *MULTIVALUED,
        "dynamodb:enclosingoperation",
        "dynamodb:returnvalues",
        "dynamodb:select",
        "ses:fromaddress",
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
"""The condition keys that requests are given a value of, or rightly none; any other is refused by name."""


def _queue(*actions: str) -> Reader:
    def read(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        account, name = parameters["QueueUrl"].rstrip("/").rsplit("/", 2)[-2:]
        for action in actions:
            yield AccessRequest(f"sqs:{action}", f"arn:aws:sqs:{home.region}:{account}:{name}")

    return read


def _queue_by_name(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    owner = AccountRegion(parameters.get("QueueOwnerAWSAccountId", home.account), home.region)
    yield AccessRequest("sqs:GetQueueUrl", owner.arn("sqs", parameters["QueueName"]))


def _publish(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    yield AccessRequest("sns:Publish", parameters["TopicArn" if "TopicArn" in parameters else "TargetArn"])


def _send_email(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    sender = parameters["FromEmailAddress"]
    address = sender.rpartition("<")[2].rstrip(">")
    recipients = tuple(each for kind in parameters.get("Destination", {}).values() for each in kind)
    context: dict[str, Value] = {"ses:fromaddress": address, "ses:recipients": recipients}
    # As in the sandbox, where each recipient is a verified identity that SES asks about as well.
    # https://github.com/cloudposse/terraform-aws-ses/issues/40
    for each in dict.fromkeys((address, *recipients)):
        yield AccessRequest("ses:SendEmail", home.arn("ses", f"identity/{each}"), context)
    template = parameters.get("Content", {}).get("Template", {}).get("TemplateName")
    if template:
        yield AccessRequest("ses:SendEmail", home.arn("ses", f"template/{template}"), context)


def _parameter(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    yield AccessRequest("ssm:GetParameter", home.arn("ssm", f"parameter/{parameters['Name'].lstrip('/')}"))


def _function(action: str) -> Reader:
    def read(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        name = parameters["FunctionName"]
        qualifier = f":{parameters['Qualifier']}" if "Qualifier" in parameters else ""
        arn = name if name.startswith("arn:") else home.arn("lambda", f"function:{name}")
        yield AccessRequest(f"lambda:{action}", arn + qualifier)

    return read


def _everything(action: str, kind: str = "*") -> Reader:
    """Of what knows no resource, or tells of all of a kind at once."""

    def read(home: AccountRegion, _: Parameters) -> Iterator[AccessRequest]:
        yield AccessRequest(action, home.arn(action.partition(":")[0], kind))

    return read


def _log_group(home: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    """By the ARN that refusals name: the group's, and then no stream in particular."""
    arn = home.arn("logs", f"log-group:{parameters['logGroupName']}:log-stream:")
    yield AccessRequest("logs:FilterLogEvents", arn)


def _http_apis(home: AccountRegion, _: Parameters) -> Iterator[AccessRequest]:
    yield AccessRequest("apigateway:GET", f"arn:{PARTITION}:apigateway:{home.region}::/apis")


OPERATIONS: Mapping[tuple[str, str], Reader] = {
    ("apigatewayv2", "GetApis"): _http_apis,
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    ("cloudwatch", "DescribeAlarms"): _everything("cloudwatch:DescribeAlarms", "alarm:*"),
    ("cloudwatch", "GetMetricData"): _everything("cloudwatch:GetMetricData"),
    ("events", "DescribeArchive"): archive,
    ("events", "DescribeReplay"): replay,
    ("events", "DescribeRule"): rule("DescribeRule", "Name"),
    ("events", "ListReplays"): _everything("events:ListReplays"),
    ("events", "ListTargetsByRule"): rule("ListTargetsByRule", "Rule"),
    ("events", "PutEvents"): put_events,
    ("events", "StartReplay"): start_replay,
    ("lambda", "GetFunctionConfiguration"): _function("GetFunctionConfiguration"),
    ("lambda", "Invoke"): _function("InvokeFunction"),
    ("logs", "FilterLogEvents"): _log_group,
    ("sesv2", "SendEmail"): _send_email,
    ("sns", "Publish"): _publish,
    ("sns", "PublishBatch"): _publish,
    ("sqs", "ChangeMessageVisibility"): _queue("ChangeMessageVisibility"),
    ("sqs", "ChangeMessageVisibilityBatch"): _queue("ChangeMessageVisibility"),
    ("sqs", "DeleteMessage"): _queue("DeleteMessage"),
    ("sqs", "DeleteMessageBatch"): _queue("DeleteMessage"),
    ("sqs", "GetQueueAttributes"): _queue("GetQueueAttributes"),
    ("sqs", "GetQueueUrl"): _queue_by_name,
    ("sqs", "ListQueues"): _everything("sqs:ListQueues"),
    ("sqs", "ReceiveMessage"): _queue("ReceiveMessage"),
    ("sqs", "SendMessage"): _queue("SendMessage"),
    ("sqs", "SendMessageBatch"): _queue("SendMessage"),
    ("ssm", "GetParameter"): _parameter,
    # Every caller may ask who it is: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    ("sts", "GetCallerIdentity"): lambda _home, _parameters: (),
}


class Actions:
    """What calls of one account ask for."""

    def __init__(self, home: AccountRegion, partition_key: PartitionKey, secret_arn: SecretArn) -> None:
        self._home = home
        self._dynamodb = DynamoDbActions(home, partition_key)
        self._secret_arn = secret_arn

    def of(self, service: str, operation: str, parameters: Parameters) -> Iterable[AccessRequest]:
        """Everything the call needs permission for."""
        if service == "dynamodb":
            return self._dynamodb.of(operation, parameters)
        if service == "secretsmanager" and operation in _OF_SECRETS:
            return [AccessRequest(f"secretsmanager:{operation}", self._secret(parameters["SecretId"]))]
        read = OPERATIONS.get((service, operation))
        if read is None:
            raise UnsupportedPolicyError(
                f"nobody has said yet which permissions {service}.{operation} needs: see {__name__}"
            )
        return read(self._home, parameters)

    def _secret(self, name: str) -> str:
        return self._secret_arn(name) or self._home.arn("secretsmanager", f"secret:{name}")
