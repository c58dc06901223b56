"""API Gateway HTTP APIs: api, authorizer, integration, route and stage."""

from collections.abc import Callable

from pocketcloud.apigateway.service_operations import OPERATIONS
from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

API = ("CorsConfiguration", "Description", "DisableExecuteApiEndpoint", "Name", "ProtocolType")
AUTHORIZER = ("ApiId", "AuthorizerType", "IdentitySource", "JwtConfiguration", "Name")
INTEGRATION = (
    "ApiId",
    "ConnectionType",
    "CredentialsArn",
    "Description",
    "IntegrationMethod",
    "IntegrationSubtype",
    "IntegrationType",
    "IntegrationUri",
    "PayloadFormatVersion",
    "RequestParameters",
    "TimeoutInMillis",
)
ROUTE = (
    "ApiId",
    "AuthorizationScopes",
    "AuthorizationType",
    "AuthorizerId",
    "OperationName",
    "RouteKey",
    "Target",
)
STAGE = (
    "AccessLogSettings",
    "ApiId",
    "AutoDeploy",
    "DefaultRouteSettings",
    "Description",
    "RouteSettings",
    "StageName",
    "StageVariables",
)


def _create_api(request: CreateRequest) -> Created:
    response = request.client("apigatewayv2").create_api(**request.pick(*API))
    attributes = {"ApiEndpoint": response["ApiEndpoint"], "ApiId": response["ApiId"]}
    return Created(ref=response["ApiId"], attributes=attributes)


def _create_part(operation: str, id_name: str, given: tuple[str, ...]) -> Callable[[CreateRequest], Created]:
    def create(request: CreateRequest) -> Created:
        response = getattr(request.client("apigatewayv2"), operation)(**request.pick(*given))
        return Created(ref=response[id_name], attributes={id_name: response[id_name]})

    return create


TYPES = (
    ResourceType(
        name="AWS::ApiGatewayV2::Api",
        create=_create_api,
        supported=frozenset(API),
        ignored={**TAGS, "IpAddressType": "the offline API listens on loopback only"},
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Authorizer",
        create=_create_part("create_authorizer", "AuthorizerId", AUTHORIZER),
        supported=frozenset(AUTHORIZER),
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Integration",
        create=_create_part("create_integration", "IntegrationId", INTEGRATION),
        supported=frozenset(INTEGRATION),
        values={"IntegrationSubtype": frozenset(OPERATIONS)},
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Route",
        create=_create_part("create_route", "RouteId", ROUTE),
        supported=frozenset(ROUTE),
    ),
    ResourceType(
        name="AWS::ApiGatewayV2::Stage",
        create=_create_part("create_stage", "StageName", STAGE),
        supported=frozenset(STAGE),
        ignored=TAGS,
        not_enforced="requests are not throttled, and no access log is written",
    ),
)
