"""Supported resource types, one module per service."""

from pocketcloud.cloudformation.resources import (
    account_services,
    apigatewayv2,
    audit,
    autoscaling,
    codedeploy,
    cognito,
    dynamodb,
    event_source_mappings,
    events,
    iam,
    kinesis,
    lambda_,
    observability,
    pipes,
    s3,
    scheduler,
    schemas,
    sns,
    sqs,
)
from pocketcloud.cloudformation.resources.resource_type import ResourceType

SERVICES = (
    account_services,
    apigatewayv2,
    audit,
    autoscaling,
    codedeploy,
    cognito,
    dynamodb,
    event_source_mappings,
    events,
    iam,
    kinesis,
    lambda_,
    observability,
    pipes,
    s3,
    scheduler,
    schemas,
    sns,
    sqs,
)
RESOURCE_TYPES: dict[str, ResourceType] = {kind.name: kind for service in SERVICES for kind in service.TYPES}
