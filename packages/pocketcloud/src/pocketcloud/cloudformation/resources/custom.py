"""Custom resources: CloudFormation invokes a function for each creation, change and deletion.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.account import TargetAccount
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest, ResourceType
from pocketcloud.cloudformation.resources.response_url import response_url
from pocketcloud.core.identifiers import new_identifier

CUSTOM = "AWS::CloudFormation::CustomResource"
HANDLER = "USER_ON_EVENT_FUNCTION_ARN"
"""The variable in which the CDK's provider framework, which runs on Node.js, has the user's function.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html#handling-lifecycle-events-onevent
"""


@dataclass(frozen=True, slots=True)
class CustomResource:
    """One custom resource, as its function sees it."""

    account: TargetAccount
    stack: str
    logical_id: str
    declared_type: str
    properties: Mapping[str, Any]

    def ask(self, request_type: str, **more: Any) -> Created:
        """Invoke the function; return the resource that it reports, or raise ResourceError."""
        event = {
            "RequestType": request_type,
            "StackId": self.account.stack_id(self.stack),
            "RequestId": new_identifier(),
            "ResourceType": self.declared_type,
            "LogicalResourceId": self.logical_id,
            "ResourceProperties": as_texts(self.properties),
            **more,
        }
        response = self._response(event)
        known = more.get("PhysicalResourceId", event["RequestId"])
        return Created(
            ref=str(response.get("PhysicalResourceId") or known), attributes=response.get("Data") or {}
        )

    def _response(self, event: dict[str, Any]) -> dict[str, Any]:
        token = str(self.properties.get("ServiceToken", ""))
        if ":lambda:" not in token:
            raise ResourceError(f"ServiceToken: only functions are supported offline, not {token!r}")
        settings = self.account.client("lambda").get_function_configuration(FunctionName=token)
        handler = settings.get("Environment", {}).get("Variables", {}).get(HANDLER)
        if handler is not None:
            return _invoked(self.account, handler, event) or {}
        with response_url() as sent_to:
            _invoked(self.account, token, {**event, "ResponseURL": sent_to.url})
        if not sent_to.received:
            raise ResourceError("the function has sent no response to the ResponseURL")
        response: dict[str, Any] = json.loads(sent_to.received[-1])
        if response.get("Status") != "SUCCESS":
            raise ResourceError(f"the function reports a failure: {response.get('Reason')}")
        return response


def create(request: CreateRequest) -> Created:
    """Invoke the function for the creation."""
    resource = CustomResource(
        request.account, request.stack, request.logical_id, request.declared_type, request.properties
    )
    return resource.ask("Create")


def as_texts(value: Any) -> Any:
    """Return properties as CloudFormation passes them: numbers and booleans are texts."""
    if isinstance(value, Mapping):
        return {name: as_texts(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_texts(member) for member in value]
    return json.dumps(value) if isinstance(value, bool | int | float) else value


def _invoked(account: TargetAccount, function: str, event: Mapping[str, Any]) -> Any:
    response = account.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event).encode())
    payload = json.loads(response["Payload"].read())
    if "FunctionError" in response:
        raise ResourceError(f"the function failed: {payload['errorType']}: {payload['errorMessage']}")
    return payload


TYPES = (ResourceType(name=CUSTOM, create=create, supported=frozenset(), takes_any=True),)
