"""Names in requests of AWS's SDKs for other languages, as boto3 has them."""

from collections.abc import Mapping
from typing import Any

from botocore import xform_name

SERVICES = {
    "apigatewayv2": "apigatewayv2",
    "cloudwatch": "cloudwatch",
    "cloudwatchlogs": "logs",
    "cognitoidentityprovider": "cognito-idp",
    "cognitoidentityserviceprovider": "cognito-idp",
    "dynamodb": "dynamodb",
    "eventbridge": "events",
    "iam": "iam",
    "kinesis": "kinesis",
    "kms": "kms",
    "lambda": "lambda",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "sesv2": "sesv2",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
}
"""boto3's name of each service by that of the other SDKs, without hyphens and in lower case."""


def method_name(action: str) -> str:
    """Return the name of a client's method, such as `put_item` for `PutItem` and `putItem`."""
    return xform_name(action[:1].upper() + action[1:])


def without_metadata(response: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a response that the operation has."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}
