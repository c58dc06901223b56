"""The CDK's AwsCustomResource: calls of AWS's API at deployment, which a function makes in an account.

https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources.AwsCustomResource.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest, ResourceType
from pocketcloud.core.sdk_names import SERVICES, method_name, without_metadata

EVENTS = ("Create", "Update", "Delete")
_OPTIONS = {
    "action",
    "apiVersion",
    "ignoreErrorCodesMatching",
    "logApiResponseData",
    "outputPaths",
    "parameters",
    "physicalResourceId",
    "service",
}


def create(request: CreateRequest) -> Created:
    """Make the call for the creation, if there is one."""
    return make_call(request, "Create")


def make_call(request: CreateRequest, event: str) -> Created:
    """Make the call for `Create`, `Update` or `Delete`; the attributes are the paths of its response."""
    text = request.properties.get(event)
    if text is None:
        return Created(ref=request.logical_id)
    call = json.loads(text)
    if unknown := sorted(call.keys() - _OPTIONS):
        raise ResourceError(f"{event}: not supported offline: {', '.join(unknown)}")
    response = _response(request, event, call)
    attributes = dict(_flattened(response, ""))
    chosen = call.get("physicalResourceId", {})
    path = chosen.get("responsePath")
    reference = chosen.get("id") if path is None else attributes.get(path)
    return Created(ref=str(reference or request.logical_id), attributes=_selected(call, attributes))


def _response(request: CreateRequest, event: str, call: Mapping[str, Any]) -> dict[str, Any]:
    name = call["service"].removeprefix("@aws-sdk/client-").replace("-", "").lower()
    action = call["action"].removesuffix("Command")
    if name not in SERVICES:
        raise ResourceError(f"{event}: calls of {call['service']} are not supported offline")
    make = getattr(request.client(SERVICES[name]), method_name(action), None)
    if make is None:
        raise ResourceError(f"{event}: {call['service']} has no action {call['action']}")
    try:
        response: dict[str, Any] = make(**call.get("parameters") or {})
    except ParamValidationError as error:
        raise ResourceError(f"{event}: {error}") from error
    except ClientError as error:
        ignored = call.get("ignoreErrorCodesMatching")
        if ignored is None or not re.search(ignored, error.response["Error"]["Code"]):
            raise
        return {}
    return without_metadata(response)


def _flattened(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each value in the response by its path, such as `Items.0.Name`."""
    if isinstance(value, Mapping | list):
        members = value.items() if isinstance(value, Mapping) else enumerate(value)
        for key, member in members:
            yield from _flattened(member, f"{path}.{key}" if path else str(key))
    elif path:
        yield path, value


def _selected(call: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    paths = call.get("outputPaths")
    if paths is None:
        return dict(attributes)
    return {name: value for name, value in attributes.items() if name.startswith(tuple(paths))}


TYPES = tuple(
    ResourceType(
        name=name,
        create=create,
        supported=frozenset(EVENTS),
        ignored={
            "InstallLatestAwsSdk": "the offline cloud makes the calls itself, with boto3",
            "ServiceToken": "the offline cloud makes the calls itself, with every permission",
        },
    )
    for name in ("Custom::AWS", "Custom::CloudwatchLogResourcePolicy")
)
