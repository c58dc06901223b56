"""Addresses of resources in other stacks, made from their names: a service deploys without its neighbours."""

from aws_cdk import ArnFormat, Stack
from constructs import Construct


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


def log_group_arn(scope: Construct, name: str) -> str:
    """The log group of that name, without the `:*` that CloudFormation's own attribute ends in."""
    return Stack.of(scope).format_arn(
        service="logs",
        resource="log-group",
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )


def identity_arn(scope: Construct, address: str) -> str:
    """The SES identity of that address in the scope's account and region."""
    return Stack.of(scope).format_arn(service="ses", resource="identity", resource_name=address)


def alarms_arn(scope: Construct, prefix: str) -> str:
    """Every CloudWatch alarm whose name begins with the prefix; for conditions, never for a resource."""
    return Stack.of(scope).format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name=f"{prefix}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
