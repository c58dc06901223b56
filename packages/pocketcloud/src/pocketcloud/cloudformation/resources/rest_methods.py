"""Create, change and delete methods of REST APIs, with their integrations."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.apigateway.models import Integration, Method, RestAPI, apigateway_backends

from pocketcloud.apigateway.rest_mock import unsupported_request_template, unsupported_response_template
from pocketcloud.cloudformation.errors import ResourceError
from pocketcloud.cloudformation.resources.lifecycles.lifecycle import Existing
from pocketcloud.cloudformation.resources.resource_type import Created, CreateRequest
from pocketcloud.cloudformation.resources.rest_apis import api_of

_AUTHORIZATION = {"COGNITO_USER_POOLS": {"COGNITO_USER_POOLS"}, "CUSTOM": {"TOKEN", "REQUEST"}}
"""Types of authorizers by the method's authorization type."""
_FUNCTION = re.compile(r"arn:[\w-]+:apigateway:[\w-]+:lambda:path/[\d-]+/functions/\S+/invocations")
_LITERAL = re.compile(r"'[^']*'")
_BUILT_IN_MODELS = {"Empty", "Error"}


def create_method(request: CreateRequest) -> Created:
    """Put a method; it is served from the next deployment on."""
    _put(request)
    parts = (request.properties[name] for name in ("RestApiId", "ResourceId", "HttpMethod"))
    return Created(ref="|".join(parts))


def update_method(existing: Existing, request: CreateRequest) -> Created:
    """Replace the method's settings."""
    _put(request)
    return existing.created


def delete_method(existing: Existing) -> None:
    """Delete the method; deployments still have it."""
    resource = api_of(existing).resources.get(existing.properties["ResourceId"])
    if resource is not None:
        resource.resource_methods.pop(existing.properties["HttpMethod"], None)


def _put(request: CreateRequest) -> None:
    given, api = request.properties, api_of(request)
    if given["ResourceId"] not in api.resources:
        raise ResourceError(f"ResourceId: the REST API has no resource {given['ResourceId']}")
    errors = [*_authorization_errors(api, given), *_validation_errors(api, given)]
    integration = given.get("Integration")
    errors += ["Integration is missing"] if integration is None else _integration_errors(integration)
    if errors:
        raise ResourceError("; ".join(errors))
    backend = apigateway_backends[request.account.id][request.account.region]
    method = backend.put_method(
        api.id,
        given["ResourceId"],
        given["HttpMethod"],
        given.get("AuthorizationType", "NONE"),
        api_key_required=given.get("ApiKeyRequired") in (True, "true"),
        request_parameters={
            name: needed in (True, "true") for name, needed in given.get("RequestParameters", {}).items()
        },
        request_models=dict(given.get("RequestModels", {})),
        operation_name=given.get("OperationName"),
        authorizer_id=given.get("AuthorizerId"),
        authorization_scopes=given.get("AuthorizationScopes"),
        request_validator_id=given.get("RequestValidatorId"),
    )
    for response in given.get("MethodResponses", []):
        parameters = response.get("ResponseParameters", {})
        method.create_response(str(response["StatusCode"]), response.get("ResponseModels", {}), parameters)
    _integrate(method, given["Integration"])


def _integrate(method: Method, given: Mapping[str, Any]) -> None:
    integration = Integration(
        given["Type"],
        given.get("Uri", ""),
        given.get("IntegrationHttpMethod", method.http_method),
        request_templates=dict(given.get("RequestTemplates", {})),
        passthrough_behavior=given.get("PassthroughBehavior", "WHEN_NO_MATCH"),
        timeout_in_millis=given.get("TimeoutInMillis"),
    )
    for response in given.get("IntegrationResponses", []):
        integration.create_integration_response(
            str(response["StatusCode"]),
            response.get("SelectionPattern", ""),
            dict(response.get("ResponseTemplates", {})),
            dict(response.get("ResponseParameters", {})),
        )
    method.method_integration = integration


def _authorization_errors(api: RestAPI, given: Mapping[str, Any]) -> Iterator[str]:
    kind = given.get("AuthorizationType", "NONE")
    if kind == "NONE":
        return
    if kind not in _AUTHORIZATION:
        yield f"AuthorizationType: {kind} is not supported offline"
        return
    authorizer = api.authorizers.get(given.get("AuthorizerId", ""))
    if authorizer is None or authorizer.type not in _AUTHORIZATION[kind]:
        yield f"AuthorizerId: {given.get('AuthorizerId')} is no authorizer for {kind}"


def _validation_errors(api: RestAPI, given: Mapping[str, Any]) -> Iterator[str]:
    validator = given.get("RequestValidatorId")
    if validator and validator not in api.request_validators:
        yield f"RequestValidatorId: there is no request validator {validator}"
    for model in given.get("RequestModels", {}).values():
        if model not in api.models and model not in _BUILT_IN_MODELS:
            yield f"RequestModels: there is no model {model}"


def _integration_errors(given: Mapping[str, Any]) -> Iterator[str]:
    kind = given.get("Type")
    if kind == "AWS_PROXY":
        if not _FUNCTION.fullmatch(given.get("Uri", "")):
            yield f"Integration.Uri: {given.get('Uri')} is no function; only functions are supported offline"
        elif given.get("IntegrationHttpMethod") != "POST":
            yield "Integration.IntegrationHttpMethod: functions are invoked with POST"
    elif kind == "MOCK":
        yield from _mock_errors(given)
    else:
        yield f"Integration.Type: {kind} is not supported offline, only AWS_PROXY and MOCK are"


def _mock_errors(given: Mapping[str, Any]) -> Iterator[str]:
    for template in given.get("RequestTemplates", {}).values():
        if unsupported_request_template(template):
            yield f"Integration.RequestTemplates: only a status is supported offline, not {template!r}"
    for response in given.get("IntegrationResponses", []):
        for name, value in response.get("ResponseParameters", {}).items():
            if not name.startswith("method.response.header.") or not _LITERAL.fullmatch(value):
                yield f"ResponseParameters: {name} must be a header with a literal offline, not {value}"
        for template in response.get("ResponseTemplates", {}).values():
            if unsupported_response_template(template):
                yield f"ResponseTemplates: templates that compute something are not supported: {template!r}"
