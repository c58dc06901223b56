"""Integrations of HTTP APIs that call an AWS service, without a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from botocore.exceptions import ClientError, ParamValidationError
from moto.apigatewayv2.models import Integration
from werkzeug.datastructures import Headers

from pocketcloud.apigateway.endpoint_cloud import EndpointCloud
from pocketcloud.apigateway.http_message import Reply
from pocketcloud.apigateway.request_mapping import mapped, unsupported_selector
from pocketcloud.apigateway.service_operations import OPERATIONS, ServiceOperation
from pocketcloud.core.sdk_names import without_metadata

_GATEWAY = "apigateway.amazonaws.com"
_JSON_VALUES = frozenset({"MessageAttributes", "Resources"})
_NUMBERS = frozenset({"DelaySeconds"})


def unsupported(integration: Integration) -> str | None:
    """Return why the integration is not supported; None if it is."""
    subtype = integration.integration_subtype or ""
    operation = OPERATIONS.get(subtype)
    if operation is None:
        return f"IntegrationSubtype {subtype}"
    given = _given(integration).keys()
    if unknown := sorted(given - operation.required - operation.optional):
        return f"parameters {', '.join(unknown)} of {subtype}"
    selectors = (unsupported_selector(value) for value in _given(integration).values())
    selector = next((each for each in selectors if each is not None), None)
    return None if selector is None else f"the selector {selector}"


def call_service(
    cloud: EndpointCloud, integration: Integration, event: Mapping[str, Any], *, source_arn: str
) -> Reply:
    """Call the service with what the request says, as the integration's role; return its response.

    `event` is the request in payload format 2.0, `source_arn` the route.
    """
    operation, role = OPERATIONS[str(integration.integration_subtype)], str(integration.credentials_arn)
    if cloud.access.authorize_service(_GATEWAY, "sts:AssumeRole", role, source_arn=source_arn):
        return Reply.message(500, "Internal Server Error")
    try:
        values = {name: mapped(value, event) for name, value in _given(integration).items()}
        parameters = {name: _typed(name, value) for name, value in values.items() if value is not None}
        if not operation.required <= parameters.keys():
            return Reply.message(400, "Bad Request")
        request = operation.request(parameters)
        response = getattr(cloud.client(operation.service, role=role), operation.name)(**request)
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return Reply.message(status, error.response["Error"]["Message"])
    except (ParamValidationError, ValueError):
        return Reply.message(400, "Bad Request")
    return _reply(operation, response)


def _given(integration: Integration) -> Mapping[str, str]:
    return integration.request_parameters or {}


def _typed(name: str, value: str) -> Any:
    if name in _NUMBERS:
        return int(value)
    return json.loads(value) if name in _JSON_VALUES else value


def _reply(operation: ServiceOperation, response: dict[str, Any]) -> Reply:
    shown = without_metadata(response)
    if operation.service != "sqs":
        return Reply(200, Headers([("content-type", "application/json")]), json.dumps(shown).encode())
    name = re.sub(r"(?:^|_)(\w)", lambda found: found[1].upper(), operation.name)
    members = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in shown.items())
    request_id = response["ResponseMetadata"]["RequestId"]
    text = (
        '<?xml version="1.0"?>'
        f'<{name}Response xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><{name}Result>{members}</{name}Result>'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{name}Response>"
    )
    return Reply(200, Headers([("content-type", "text/xml")]), text.encode())
