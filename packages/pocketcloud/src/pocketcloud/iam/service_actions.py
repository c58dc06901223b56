"""The permissions of operations that act on the resource that one parameter names.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pocketcloud.iam.access_request import AccessRequest, AccountRegion
from pocketcloud.iam.text import Value

Parameters = Mapping[str, Any]
Reader = Callable[[AccountRegion, Parameters], Iterable[AccessRequest]]

_NAMED: Mapping[tuple[str, str, str], str] = {
    ("cloudwatch", "alarm:", "AlarmName"): "PutMetricAlarm SetAlarmState",
    ("cognito-idp", "userpool/", "UserPoolId"): (
        "AdminAddUserToGroup AdminConfirmSignUp AdminCreateUser AdminDeleteUser AdminDeleteUserAttributes"
        " AdminDisableUser AdminEnableUser AdminGetUser AdminInitiateAuth AdminListGroupsForUser"
        " AdminRemoveUserFromGroup AdminResetUserPassword AdminRespondToAuthChallenge AdminSetUserPassword"
        " AdminUpdateUserAttributes AdminUserGlobalSignOut CreateGroup DescribeUserPool"
        " DescribeUserPoolClient GetGroup ListGroups ListUserPoolClients ListUsers ListUsersInGroup"
    ),
    ("dynamodb", "table/", "TableName"): (
        "CreateTable DeleteTable DescribeContinuousBackups DescribeTimeToLive UpdateTable UpdateTimeToLive"
    ),
    ("events", "event-bus/", "Name"): "CreateEventBus DeleteEventBus DescribeEventBus",
    ("lambda", "function:", "FunctionName"): (
        "AddPermission CreateAlias DeleteFunctionConcurrency GetAlias GetFunctionConcurrency GetPolicy"
        " ListAliases ListVersionsByFunction PublishVersion PutFunctionConcurrency RemovePermission"
        " UpdateAlias UpdateFunctionCode UpdateFunctionConfiguration"
    ),
    ("logs", "log-group:", "logGroupName"): "CreateLogGroup DeleteLogGroup PutRetentionPolicy",
    ("sns", "", "TopicArn"): (
        "DeleteTopic GetTopicAttributes ListSubscriptionsByTopic SetTopicAttributes Subscribe"
    ),
    ("sns", "", "Name"): "CreateTopic",
    ("sqs", "", "SourceArn"): "ListMessageMoveTasks StartMessageMoveTask",
    ("states", "", "stateMachineArn"): (
        "DeleteStateMachine DescribeStateMachine ListExecutions StartExecution UpdateStateMachine"
    ),
    ("states", "", "executionArn"): "DescribeExecution GetExecutionHistory StopExecution",
    ("ssm", "parameter/", "Name"): "DeleteParameter GetParameter GetParameterHistory PutParameter",
    ("ssm", "parameter/", "Path"): "GetParametersByPath",
    ("ssm", "parameter/", "Names"): "DeleteParameters GetParameters",
}
"""Operations by service, the beginning of the resource in its ARN, and the parameter with its name or ARN."""
_ON_EVERYTHING = {
    "cloudwatch": "DescribeAlarmsForMetric GetMetricStatistics ListMetrics",
    "cognito-idp": "ListUserPools",
    "dynamodb": "ListTables",
    "events": "ListEventBuses ListRuleNamesByTarget ListRules TestEventPattern",
    "lambda": "GetAccountSettings ListFunctions ListLayers",
    "secretsmanager": "GetRandomPassword ListSecrets",
    "sns": "ListSubscriptions ListTopics",
    "states": "ListStateMachines SendTaskFailure SendTaskHeartbeat SendTaskSuccess",
    "ssm": "DescribeParameters",
    "xray": "GetSamplingRules GetSamplingTargets PutTelemetryRecords PutTraceSegments",
}
"""Operations without a resource."""
_UNSIGNED = {
    "cognito-idp": (
        "ChangePassword ConfirmForgotPassword ConfirmSignUp DeleteUser ForgotPassword GetUser GlobalSignOut"
        " InitiateAuth ResendConfirmationCode RespondToAuthChallenge RevokeToken SignUp UpdateUserAttributes"
    ),
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    "sts": "GetCallerIdentity",
}
"""Operations that need no permission."""
_OBJECT_ACTIONS = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObjectTagging": "DeleteObjectTagging",
    "GetObjectAcl": "GetObjectAcl",
    "GetObjectAttributes": "GetObject",
    "GetObjectTagging": "GetObjectTagging",
    "ListParts": "ListMultipartUploadParts",
    "PutObjectAcl": "PutObjectAcl",
    "PutObjectTagging": "PutObjectTagging",
    "UploadPart": "PutObject",
}
_BUCKET_ACTIONS = {
    "CreateBucket": "CreateBucket",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketVersioning": "GetBucketVersioning",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
}
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html"""


def _named(action: str, kind: str, parameter: str) -> Reader:
    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        given = parameters.get(parameter, "default")
        for name in given if isinstance(given, list | tuple) else [given]:
            yield AccessRequest(action, _arn(location, action, kind, name))

    return read


def _arn(location: AccountRegion, action: str, kind: str, name: str) -> str:
    if name.startswith("arn:"):
        return name
    # Parameters of Systems Manager are paths; the ARN has one slash before the name.
    return location.arn(action.partition(":")[0], kind + (name.lstrip("/") if kind == "parameter/" else name))


def _nowhere(action: str) -> Reader:
    service = action.partition(":")[0]
    return lambda location, _: [AccessRequest(action, location.arn(service, "*"))]


def _object(action: str) -> Reader:
    def read(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        yield AccessRequest(action, f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}")

    return read


def _bucket(action: str) -> Reader:
    return lambda _, parameters: [AccessRequest(action, f"arn:aws:s3:::{parameters['Bucket']}")]


def _copied(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    source = parameters["CopySource"]
    if not isinstance(source, str):
        source = f"{source['Bucket']}/{source['Key']}"
    yield AccessRequest("s3:GetObject", f"arn:aws:s3:::{source.lstrip('/').partition('?')[0]}")
    yield AccessRequest("s3:PutObject", f"arn:aws:s3:::{parameters['Bucket']}/{parameters['Key']}")


def _unsubscribed(_: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    yield AccessRequest("sns:Unsubscribe", parameters["SubscriptionArn"].rpartition(":")[0])


def _metric_data(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
    context: dict[str, Value] = {"cloudwatch:namespace": str(parameters["Namespace"])}
    yield AccessRequest("cloudwatch:PutMetricData", location.arn("cloudwatch", "*"), context)


def _log_stream(action: str) -> Reader:
    def read(location: AccountRegion, parameters: Parameters) -> Iterator[AccessRequest]:
        group, stream = parameters["logGroupName"], parameters.get("logStreamName", "")
        arn = location.arn("logs", f"log-group:{group}:log-stream:{stream}")
        yield AccessRequest(f"logs:{action}", arn)

    return read


def _log_groups(location: AccountRegion, _: Parameters) -> Iterator[AccessRequest]:
    yield AccessRequest("logs:DescribeLogGroups", location.arn("logs", "log-group:*"))


_NAMES = {"states": "stepfunctions"}
"""boto3's name of a service whose actions have another one."""
SERVICE_OPERATIONS: Mapping[tuple[str, str], Reader] = {
    **{
        (_NAMES.get(service, service), operation): _named(f"{service}:{operation}", kind, parameter)
        for (service, kind, parameter), operations in _NAMED.items()
        for operation in operations.split()
    },
    **{
        (_NAMES.get(service, service), operation): _nowhere(f"{service}:{operation}")
        for service, operations in _ON_EVERYTHING.items()
        for operation in operations.split()
    },
    **{
        (service, operation): lambda _location, _parameters: ()
        for service, operations in _UNSIGNED.items()
        for operation in operations.split()
    },
    **{("s3", operation): _object(f"s3:{action}") for operation, action in _OBJECT_ACTIONS.items()},
    **{("s3", operation): _bucket(f"s3:{action}") for operation, action in _BUCKET_ACTIONS.items()},
    **{
        ("logs", operation): _log_stream(operation)
        for operation in ("CreateLogStream", "DescribeLogStreams", "GetLogEvents", "PutLogEvents")
    },
    ("cloudwatch", "PutMetricData"): _metric_data,
    ("logs", "DescribeLogGroups"): _log_groups,
    ("s3", "CopyObject"): _copied,
    ("s3", "ListBuckets"): _nowhere("s3:ListAllMyBuckets"),
    ("sns", "Unsubscribe"): _unsubscribed,
}
