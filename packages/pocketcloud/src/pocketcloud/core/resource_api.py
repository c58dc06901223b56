"""The boto3 resource API of DynamoDB, whose calls have Python values as parameters.

https://docs.aws.amazon.com/boto3/latest/guide/dynamodb.html
"""

from typing import Any

from boto3.dynamodb.transform import TransformationInjector, copy_dynamodb_params
from botocore.client import BaseClient

_INJECTOR = TransformationInjector()


def is_resource(client: BaseClient) -> bool:
    """Return whether the client belongs to `boto3.resource("dynamodb")`, which marks its user agent."""
    marks = getattr(client.meta.config, "user_agent_extra", None) or ""
    return "Resource" in marks and client.meta.service_model.service_name == "dynamodb"


def as_sent(client: BaseClient, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters in the form in which they are sent, for authorization and middleware."""
    model: Any = client.meta.service_model.operation_model(operation)
    sent: dict[str, Any] = copy_dynamodb_params(parameters)
    _INJECTOR.inject_condition_expressions(sent, model)
    _INJECTOR.inject_attribute_value_input(sent, model)
    return sent
