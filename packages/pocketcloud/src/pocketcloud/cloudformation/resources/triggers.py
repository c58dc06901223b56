"""The CDK's triggers: functions that are invoked during a deployment.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.triggers-readme.html
"""

import json

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest, ResourceType


def invoke(request: CreateRequest) -> Created:
    """Invoke the function; raise ResourceError if it fails."""
    function = request.properties["HandlerArn"]
    kind = request.properties.get("InvocationType", "RequestResponse")
    response = request.client("lambda").invoke(FunctionName=function, InvocationType=kind)
    if "FunctionError" in response:
        payload = json.loads(response["Payload"].read())
        raise ResourceError(f"the function failed: {payload['errorType']}: {payload['errorMessage']}")
    return Created(ref=function)


TYPES = (
    ResourceType(
        name="Custom::Trigger",
        create=invoke,
        supported=frozenset({"HandlerArn", "InvocationType"}),
        ignored={
            "ExecuteOnHandlerChange": "a changed function is another version, so it is invoked again",
            "ServiceToken": "the offline cloud invokes the function itself",
            "Timeout": "the function's own timeout applies",
        },
    ),
)
