"""ARNs of resources in other stacks, from their names: each stack deploys without the others."""

from aws_cdk import ArnFormat, Stack
from constructs import Construct

from infrastructure.names import LIVE


def topic_arn(scope: Construct, name: str) -> str:
    """The SNS topic of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="sns", resource=name)


def queue_arn(scope: Construct, name: str) -> str:
    """The SQS queue of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="sqs", resource=name)


def table_arn(scope: Construct, name: str) -> str:
    """The DynamoDB table of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="dynamodb", resource="table", resource_name=name)


def function_arn(scope: Construct, name: str) -> str:
    """The Lambda function of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(
        service="lambda",
        resource="function",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def alias_arn(scope: Construct, function_name: str) -> str:
    """The alias `live` of the Lambda function of that name, through which it is invoked."""
    return f"{function_arn(scope, function_name)}:{LIVE}"


def stream_arn(scope: Construct, name: str) -> str:
    """The Kinesis stream of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="kinesis", resource="stream", resource_name=name)


def bus_arn(scope: Construct, name: str) -> str:
    """The event bus of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="events", resource="event-bus", resource_name=name)


def archive_arn(scope: Construct, name: str) -> str:
    """The archive of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="events", resource="archive", resource_name=name)


def replays_arn(scope: Construct, prefix: str) -> str:
    """Every replay whose name begins with the prefix."""
    return Stack.of(scope).format_arn(service="events", resource="replay", resource_name=f"{prefix}*")


def rule_arn(scope: Construct, bus_name: str, name: str) -> str:
    """The rule of that name on that bus, in the scope's account and region."""
    return Stack.of(scope).format_arn(service="events", resource="rule", resource_name=f"{bus_name}/{name}")


def trail_arn(scope: Construct, name: str) -> str:
    """The CloudTrail trail of that name in the scope's account and region."""
    return Stack.of(scope).format_arn(service="cloudtrail", resource="trail", resource_name=name)


def log_group_arn(scope: Construct, name: str) -> str:
    """The log group of that name, without the `:*` that CloudFormation's own attribute ends in."""
    return Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def log_lines_arn(scope: Construct, function_name: str) -> str:
    """The lines of a function's log; policies on lines require the suffix `:*`.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    return f"{log_group_arn(scope, f'/aws/lambda/{function_name}')}:*"


def http_apis_arn(scope: Construct) -> str:
    """The list of all HTTP APIs in the scope's region; API Gateway's ARNs name no account."""
    return Stack.of(scope).format_arn(service="apigateway", account="", resource="/apis")


def identities_arn(scope: Construct) -> str:
    """Every SES identity of the scope's account and region."""
    return Stack.of(scope).format_arn(service="ses", resource="identity", resource_name="*")


def alarms_arn(scope: Construct, prefix: str) -> str:
    """Every CloudWatch alarm whose name begins with the prefix; for conditions."""
    return Stack.of(scope).format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name=f"{prefix}*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def network_arns(scope: Construct) -> list[str]:
    """Every network interface, subnet and security group of the scope's account and region."""
    kinds = ("network-interface", "security-group", "subnet")
    return [Stack.of(scope).format_arn(service="ec2", resource=kind, resource_name="*") for kind in kinds]
