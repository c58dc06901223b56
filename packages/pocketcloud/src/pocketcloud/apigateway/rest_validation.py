"""Request validators of a REST API: required parameters, and JSON schemas of bodies.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
"""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft4Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from pocketcloud.apigateway.http_message import HttpRequest
from pocketcloud.apigateway.rest_deployment import RestMethod
from pocketcloud.apigateway.rest_payload import media_type
from pocketcloud.apigateway.rest_responses import GatewayError


def validate(
    method: RestMethod, request: HttpRequest, parameters: Mapping[str, str], models: Mapping[str, Any]
) -> None:
    """Raise GatewayError if a required parameter is missing or blank, or if the body breaks its schema."""
    missing = [
        name.split(".", 3)[3]
        for name in method.required_parameters
        if not _parameter(name, request, parameters).strip()
    ]
    if missing:
        message = f"Missing required request parameters: [{', '.join(missing)}]"
        raise GatewayError("BAD_REQUEST_PARAMETERS", message)
    schema = (method.schemas or {}).get(media_type(request))
    if schema is not None and not _holds(schema, request.body, models):
        raise GatewayError("BAD_REQUEST_BODY")


def _parameter(name: str, request: HttpRequest, parameters: Mapping[str, str]) -> str:
    kind, _, key = name.removeprefix("method.request.").partition(".")
    if kind == "querystring":
        return request.query_parameter(key)
    return parameters.get(key, "") if kind == "path" else request.headers.get(key, "")


def _holds(schema: Any, body: bytes, models: Mapping[str, Any]) -> bool:
    try:
        document = json.loads(body)
    except ValueError:
        return False
    known = ((address, DRAFT4.create_resource(each)) for address, each in models.items())
    validator = Draft4Validator(schema, registry=Registry().with_resources(known))
    return bool(validator.is_valid(document))
