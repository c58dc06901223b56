"""Function URLs: an HTTP address of a function."""

from typing import Any

from moto.awslambda.models import LambdaFunction, lambda_backends

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.account import TargetAccount
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest, ResourceType

URL = ("AuthType", "Cors", "InvokeMode", "Qualifier")


def function_in_account(account: TargetAccount, arn: str) -> LambdaFunction:
    """Return the newest version of a function by name or ARN."""
    return lambda_backends[account.id][account.region].get_function(arn)


def _create_url(request: CreateRequest) -> Created:
    function = function_in_account(request.account, request.properties["TargetFunctionArn"])
    if function.url_config is not None:
        raise ResourceError(f"TargetFunctionArn: {function.function_name} has a URL; offline only one can")
    created = function.create_url_config(url_settings(request))
    created.url += "/"  # as AWS's ends
    arn = str(function.function_arn)
    return Created(ref=arn, attributes={"FunctionArn": arn, "FunctionUrl": created.url})


def url_settings(request: CreateRequest) -> dict[str, Any]:
    """Return the settings; reject what the offline cloud cannot do."""
    given = request.properties
    if given["AuthType"] != "NONE":
        raise ResourceError(f"AuthType: {given['AuthType']} is not supported offline, only NONE is")
    if given.get("InvokeMode", "BUFFERED") != "BUFFERED":
        raise ResourceError(f"InvokeMode: {given['InvokeMode']} is not supported offline, only BUFFERED is")
    return request.pick(*URL)


TYPES = (
    ResourceType(
        name="AWS::Lambda::Url",
        create=_create_url,
        supported=frozenset(
            {
                "AuthType",
                "Cors.AllowHeaders",
                "Cors.AllowMethods",
                "Cors.AllowOrigins",
                "Cors.ExposeHeaders",
                "Cors.MaxAge",
                "InvokeMode",
                "Qualifier",
                "TargetFunctionArn",
            }
        ),
        values={"AuthType": frozenset({"NONE"}), "InvokeMode": frozenset({"BUFFERED"})},
    ),
)
