"""Create, change and delete authorizers, request validators, models and gateway responses of REST APIs."""

import json
import re
from typing import Any

from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError
from moto.apigateway.models import Authorizer, Model, RequestValidator, apigateway_backends

from pocketcloud.apigateway.rest_deployment import model_address
from pocketcloud.apigateway.rest_responses import unsupported_template
from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest
from pocketcloud.cloudformation.resources.rest_apis import api_of

_LITERAL = re.compile(r"'[^']*'")
_TYPES = {"COGNITO_USER_POOLS", "REQUEST", "TOKEN"}
_DEFAULT_SOURCE = "method.request.header.Authorization"


def create_authorizer(request: CreateRequest) -> Created:
    """Create an authorizer."""
    backend = apigateway_backends[request.account.id][request.account.region]
    name = request.name("Name", max_characters=128)
    authorizer = backend.create_authorizer(api_of(request).id, name, request.properties["Type"])
    _set_authorizer(authorizer, request)
    return Created(ref=str(authorizer.id), attributes={"AuthorizerId": authorizer.id})


def update_authorizer(existing: Existing, request: CreateRequest) -> Created:
    """Change an authorizer; deployments keep the old one."""
    _set_authorizer(api_of(existing).authorizers[existing.physical_id], request)
    return existing.created


def _set_authorizer(authorizer: Authorizer, request: CreateRequest) -> None:
    given, kind = request.properties, request.properties["Type"]
    if kind not in _TYPES:
        raise ResourceError(f"Type: {kind} is no type of authorizer")
    needed = "ProviderARNs" if kind == "COGNITO_USER_POOLS" else "AuthorizerUri"
    if not given.get(needed):
        raise ResourceError(f"{needed} is missing")
    authorizer.name, authorizer.type = request.name("Name", max_characters=128), kind
    authorizer.provider_arns = list(given.get("ProviderARNs", []))
    authorizer.authorizer_uri = given.get("AuthorizerUri")
    ttl = given.get("AuthorizerResultTtlInSeconds")
    authorizer.authorizer_result_ttl = None if ttl is None else int(ttl)
    authorizer.identity_validation_expression = given.get("IdentityValidationExpression")
    source = given.get("IdentitySource", "" if kind == "REQUEST" else _DEFAULT_SOURCE)
    if kind == "REQUEST" and not source and ttl != 0:
        raise ResourceError("IdentitySource is missing: a REQUEST authorizer needs it unless its TTL is 0")
    authorizer.identity_source = source


def delete_authorizer(existing: Existing) -> None:
    """Delete an authorizer; deployments keep it."""
    api_of(existing).authorizers.pop(existing.physical_id, None)


def create_validator(request: CreateRequest) -> Created:
    """Create a request validator."""
    name = request.name("Name", max_characters=128)
    validator = api_of(request).create_request_validator(
        name, validateRequestBody=False, validateRequestParameters=False
    )
    _set_validator(validator, request)
    return Created(ref=validator.id, attributes={"RequestValidatorId": validator.id})


def update_validator(existing: Existing, request: CreateRequest) -> Created:
    """Change what is validated, from the next deployment on."""
    _set_validator(api_of(existing).request_validators[existing.physical_id], request)
    return existing.created


def _set_validator(validator: RequestValidator, request: CreateRequest) -> None:
    given = request.properties
    validator.validate_request_body = given.get("ValidateRequestBody") in (True, "true")
    validator.validate_request_parameters = given.get("ValidateRequestParameters") in (True, "true")


def delete_validator(existing: Existing) -> None:
    """Delete a request validator; deployments keep it."""
    api_of(existing).request_validators.pop(existing.physical_id, None)


def create_model(request: CreateRequest) -> Created:
    """Create a model: a JSON schema of draft 4."""
    name = _model_name(request)
    api_of(request).add_model(name, "", "", request.properties.get("ContentType", "application/json"))
    _set_model(api_of(request).models[name], request)
    return Created(ref=name)


def _model_name(request: CreateRequest) -> str:
    # The name of a model is alphanumeric.
    return re.sub(r"[^A-Za-z0-9]", "", request.name("Name", max_characters=128))


def update_model(existing: Existing, request: CreateRequest) -> Created:
    """Change a model's schema, from the next deployment on."""
    _set_model(api_of(existing).models[existing.physical_id], request)
    return existing.created


def _set_model(model: Model, request: CreateRequest) -> None:
    given: Any = request.properties.get("Schema", {})
    schema = json.loads(given) if isinstance(given, str) else given
    try:
        Draft4Validator.check_schema(schema)
    except SchemaError as error:
        raise ResourceError(f"Schema: {error.message}") from error
    api = api_of(request)
    known = {model_address(api.id, name) for name in api.models}
    for address in re.findall(r'"\$ref": *"([^#"][^"#]*)', json.dumps(schema)):
        if address not in known:
            raise ResourceError(f"Schema: the API has no model {address}")
    model.description, model.schema = request.properties.get("Description"), schema


def delete_model(existing: Existing) -> None:
    """Delete a model; deployments keep it."""
    api_of(existing).models.pop(existing.physical_id, None)


def create_gateway_response(request: CreateRequest) -> Created:
    """Set the status, headers and body of one type of API Gateway's own responses."""
    put_gateway_response(request)
    kind = request.properties["ResponseType"]
    return Created(ref=kind, attributes={"Id": kind})


def update_gateway_response(existing: Existing, request: CreateRequest) -> Created:
    """Change a gateway response, from the next deployment on."""
    put_gateway_response(request)
    return existing.created


def put_gateway_response(request: CreateRequest) -> None:
    """Put a gateway response; reject what it would have to compute."""
    given = request.properties
    parameters, templates = given.get("ResponseParameters", {}), given.get("ResponseTemplates", {})
    for name, value in parameters.items():
        if not name.startswith("gatewayresponse.header.") or not _LITERAL.fullmatch(value):
            raise ResourceError(f"ResponseParameters: {name} must be a header with a literal, not {value}")
    if others := [kind for kind in templates if kind != "application/json"]:
        raise ResourceError(f"ResponseTemplates: only application/json is supported, not {others[0]}")
    for template in templates.values():
        if found := unsupported_template(template):
            raise ResourceError(f"ResponseTemplates: {found} is not supported offline")
    status: Any = given.get("StatusCode")
    if status is not None:
        status = int(status)
    api_of(request).put_gateway_response(given["ResponseType"], status, dict(parameters), dict(templates))


def delete_gateway_response(existing: Existing) -> None:
    """Return to API Gateway's own response."""
    api_of(existing).gateway_responses.pop(existing.properties["ResponseType"], None)
