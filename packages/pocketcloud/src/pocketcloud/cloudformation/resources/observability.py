"""CloudWatch: log groups and their retention, alarms and dashboards."""

from contextlib import suppress

from botocore.exceptions import ClientError

from pocketcloud.cloudformation.resources.json_document import as_resource_policy
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

# Units are unsupported; so is metric math, except the anomaly detection band.
ALARM = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
)

COMPOSITE = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmRule",
    "InsufficientDataActions",
    "OKActions",
)


def _create_log_group(request: CreateRequest) -> Created:
    logs = request.client("logs")
    name = request.name("LogGroupName", max_characters=512)
    logs.create_log_group(logGroupName=name)
    if "RetentionInDays" in request.properties:
        days = request.properties["RetentionInDays"]
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    return Created(ref=name, attributes={"Arn": f"{request.account.arn('logs', f'log-group:{name}')}:*"})


def retain_logs(request: CreateRequest) -> Created:
    """Set the retention of a group that Lambda may have created, as the CDK's custom resource does."""
    logs, name = request.client("logs"), str(request.properties["LogGroupName"])
    with suppress(ClientError):  # the group exists
        logs.create_log_group(logGroupName=name)
    if days := request.properties.get("RetentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
    else:
        logs.delete_retention_policy(logGroupName=name)
    return Created(ref=name, attributes={"LogGroupName": name})


def put_log_policy(request: CreateRequest) -> Created:
    """Put a resource policy of CloudWatch Logs."""
    name = request.name("PolicyName", max_characters=255)
    document = as_resource_policy(request.properties["PolicyDocument"])
    request.client("logs").put_resource_policy(policyName=name, policyDocument=document)
    return Created(ref=name)


def create_alarm(request: CreateRequest) -> Created:
    """Put a metric alarm."""
    name = request.name("AlarmName", max_characters=255)
    request.client("cloudwatch").put_metric_alarm(AlarmName=name, **request.pick(*ALARM))
    return Created(ref=name, attributes={"Arn": request.account.arn("cloudwatch", f"alarm:{name}")})


def create_composite_alarm(request: CreateRequest) -> Created:
    """Put a composite alarm."""
    name = request.name("AlarmName", max_characters=255)
    request.client("cloudwatch").put_composite_alarm(AlarmName=name, **request.pick(*COMPOSITE))
    return Created(ref=name, attributes={"Arn": request.account.arn("cloudwatch", f"alarm:{name}")})


def create_dashboard(request: CreateRequest) -> Created:
    """Put a dashboard."""
    name, body = request.name("DashboardName", max_characters=255), request.properties["DashboardBody"]
    request.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
    return Created(ref=name)


TYPES = (
    ResourceType(
        name="AWS::Logs::LogGroup",
        create=_create_log_group,
        supported=frozenset({"LogGroupName", "RetentionInDays"}),
        ignored={
            **TAGS,
            "LogGroupClass": "it affects only the price",
            "KmsKeyId": "logs are not encrypted offline",
        },
    ),
    ResourceType(
        name="AWS::Logs::ResourcePolicy",
        create=put_log_policy,
        supported=frozenset({"PolicyDocument", "PolicyName"}),
    ),
    ResourceType(
        name="Custom::LogRetention",
        create=retain_logs,
        supported=frozenset({"LogGroupName", "RetentionInDays"}),
        ignored={
            "RemovalPolicy": "the group stays when the resource is deleted",
            "SdkRetry": "the offline cloud does not throttle",
            "ServiceToken": "the offline cloud sets the retention itself",
        },
    ),
    ResourceType(
        name="AWS::CloudWatch::Alarm",
        create=create_alarm,
        supported=frozenset({"AlarmName", *ALARM}),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::CloudWatch::CompositeAlarm",
        create=create_composite_alarm,
        supported=frozenset({"AlarmName", *COMPOSITE}),
        ignored=TAGS,
    ),
    ResourceType(
        name="AWS::CloudWatch::Dashboard",
        create=create_dashboard,
        supported=frozenset({"DashboardName", "DashboardBody"}),
    ),
)
