"""A deployment of a REST API: a snapshot that stays the same until the next deployment.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-deployments.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from moto.apigateway.models import Authorizer, Deployment, Integration, Method, Resource, RestAPI

_SNAPSHOT = "pocketcloud_snapshot"
"""Attribute of moto's deployment, which itself keeps nothing of the API."""
_DEFAULT_TIMEOUT_MS = 29_000
_DEFAULT_TTL_SECONDS = 300
"""https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RestAuthorizer:
    """An authorizer of a REST API."""

    id: str
    kind: str
    """TOKEN, REQUEST or COGNITO_USER_POOLS."""
    uri: str
    pools: tuple[str, ...]
    """ARNs of Cognito user pools."""
    identity_sources: tuple[str, ...]
    """Such as `method.request.header.Authorization`."""
    validation: str | None
    """Regular expression that the token must match."""
    ttl_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MockResponse:
    """A response of a MOCK integration; `pattern` selects it by the status of the request template."""

    status: int
    pattern: str | None
    headers: Mapping[str, str]
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RestIntegration:
    """The integration of a method: it invokes a function, or returns a response of its own."""

    kind: str
    """AWS_PROXY or MOCK."""
    uri: str
    timeout_ms: int
    request_templates: Mapping[str, str]
    """By content type."""
    responses: tuple[MockResponse, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RestMethod:
    """A method of a resource."""

    resource_id: str
    path: str
    verb: str
    """An HTTP method, or ANY."""
    authorizer: RestAuthorizer | None
    scopes: tuple[str, ...]
    api_key_required: bool
    required_parameters: tuple[str, ...]
    """Checked by the request validator, such as `method.request.querystring.page`."""
    schemas: Mapping[str, Any] | None
    """JSON schemas by content type, if the request validator checks bodies."""
    integration: RestIntegration

    @property
    def route_key(self) -> str:
        """The method and the path."""
        return f"{self.verb} {self.path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayResponseSettings:
    """The status, headers and body that an API gives one type of API Gateway's own responses."""

    status: int | None
    headers: Mapping[str, str]
    template: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RestDeployment:
    """The deployment that a stage serves."""

    id: str
    methods: Mapping[str, RestMethod]
    """By route key."""
    binary_types: tuple[str, ...]
    responses: Mapping[str, GatewayResponseSettings]
    """By type."""
    key_source: str
    """HEADER or AUTHORIZER."""
    models: Mapping[str, Any]
    """JSON schemas by address."""


def take_snapshot(api: "RestAPI", deployment: "Deployment") -> None:
    """Keep the API's present state in the deployment."""
    methods = [
        _method(api, resource, method)
        for resource in api.resources.values()
        for method in resource.resource_methods.values()
    ]
    vars(deployment)[_SNAPSHOT] = RestDeployment(
        id=deployment.id,
        methods={method.route_key: method for method in methods},
        binary_types=tuple(api.binaryMediaTypes),
        responses={kind: _response(response) for kind, response in api.gateway_responses.items()},
        key_source=api.api_key_source,
        models={model_address(api.id, name): model.schema for name, model in api.models.items()},
    )


def model_address(api_id: str, name: str) -> str:
    """Return the address by which the schema of one model refers to another.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
    """
    return f"https://apigateway.amazonaws.com/restapis/{api_id}/models/{name}"


def snapshot_of(api: "RestAPI", deployment_id: str | None) -> RestDeployment | None:
    """Return the deployment's snapshot; None if it was not deployed by CloudFormation."""
    found = api.deployments.get(deployment_id or "")
    snapshot: RestDeployment | None = None if found is None else vars(found).get(_SNAPSHOT)
    return snapshot


def _method(api: "RestAPI", resource: "Resource", method: "Method") -> RestMethod:
    validator = api.request_validators.get(method.request_validator_id or "")
    parameters = (method.request_parameters or {}).items()
    checks_parameters = validator is not None and validator.validate_request_parameters
    models = (method.request_models or {}).items()
    integration = method.method_integration
    if integration is None:
        raise ValueError(f"{method.http_method} {resource.get_path()}: the method has no integration")
    return RestMethod(
        resource_id=resource.id,
        path=resource.get_path(),
        verb=method.http_method,
        authorizer=_authorizer(api.authorizers[method.authorizer_id]) if method.authorizer_id else None,
        scopes=tuple(method.authorization_scopes or ()),
        api_key_required=bool(method.api_key_required),
        required_parameters=tuple(name for name, required in parameters if required and checks_parameters),
        schemas={kind: _schema(api, name) for kind, name in models}
        if validator is not None and validator.validate_request_body
        else None,
        integration=_integration(integration),
    )


def _schema(api: "RestAPI", name: str) -> Any:
    # API Gateway adds the models Empty and Error to every API.
    model = api.models.get(name)
    return {"type": "object"} if model is None else model.schema


def _authorizer(authorizer: "Authorizer") -> RestAuthorizer:
    ttl = authorizer.authorizer_result_ttl
    sources = (authorizer.identity_source or "").split(",")
    return RestAuthorizer(
        id=str(authorizer.id),
        kind=str(authorizer.type),
        uri=authorizer.authorizer_uri or "",
        pools=tuple(authorizer.provider_arns or ()),
        identity_sources=tuple(source.strip() for source in sources if source.strip()),
        validation=authorizer.identity_validation_expression,
        ttl_seconds=_DEFAULT_TTL_SECONDS if ttl is None else int(ttl),
    )


def _integration(integration: "Integration") -> RestIntegration:
    responses = (integration.integration_responses or {}).values()
    return RestIntegration(
        kind=integration.integration_type,
        uri=integration.uri or "",
        timeout_ms=int(integration.timeout_in_millis or _DEFAULT_TIMEOUT_MS),
        request_templates=dict(integration.request_templates or {}),
        responses=tuple(
            MockResponse(
                status=int(response.status_code),
                pattern=response.selection_pattern,
                headers=literals(response.response_parameters or {}),
                template=(response.response_templates or {}).get("application/json") or "",
            )
            for response in responses
        ),
    )


def _response(response: Any) -> GatewayResponseSettings:
    status = response.status_code
    return GatewayResponseSettings(
        status=None if status is None else int(status),
        headers=literals(response.response_parameters or {}),
        template=(response.response_templates or {}).get("application/json"),
    )


def literals(parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that response parameters set; a literal is in single quotes.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
    """
    return {name.split(".header.", 1)[1]: value[1:-1] for name, value in parameters.items()}
