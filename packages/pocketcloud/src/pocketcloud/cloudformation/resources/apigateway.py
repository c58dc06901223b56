"""API Gateway REST APIs and their parts; moto's store of them is imported with the first one."""

from collections.abc import Callable
from importlib import import_module

from pocketcloud.cloudformation.resources.resource_type import TAGS, Created, CreateRequest, ResourceType

_UNCACHED = "responses are not cached offline"
_UNLIMITED = "requests are not throttled, logged or cached offline"


def _deferred(module: str, function: str) -> Callable[[CreateRequest], Created]:
    def create(request: CreateRequest) -> Created:
        found = import_module(f"pocketcloud.cloudformation.resources.{module}")
        made: Created = getattr(found, function)(request)
        return made

    return create


TYPES = (
    ResourceType(
        name="AWS::ApiGateway::RestApi",
        create=_deferred("rest_apis", "create_api"),
        supported=frozenset(
            {"ApiKeySourceType", "BinaryMediaTypes", "Description", "DisableExecuteApiEndpoint", "Name"}
        ),
        ignored={
            **TAGS,
            "EndpointConfiguration": "the offline API listens on loopback only",
            "MinimumCompressionSize": "responses are not compressed offline",
        },
    ),
    ResourceType(
        name="AWS::ApiGateway::Resource",
        create=_deferred("rest_apis", "create_resource"),
        supported=frozenset({"ParentId", "PathPart", "RestApiId"}),
    ),
    ResourceType(
        name="AWS::ApiGateway::Method",
        create=_deferred("rest_methods", "create_method"),
        supported=frozenset(
            {
                "ApiKeyRequired",
                "AuthorizationScopes",
                "AuthorizationType",
                "AuthorizerId",
                "HttpMethod",
                "Integration.IntegrationHttpMethod",
                "Integration.IntegrationResponses.ResponseParameters",
                "Integration.IntegrationResponses.ResponseTemplates",
                "Integration.IntegrationResponses.SelectionPattern",
                "Integration.IntegrationResponses.StatusCode",
                "Integration.PassthroughBehavior",
                "Integration.RequestTemplates",
                "Integration.TimeoutInMillis",
                "Integration.Type",
                "Integration.Uri",
                "MethodResponses",
                "OperationName",
                "RequestModels",
                "RequestParameters",
                "RequestValidatorId",
                "ResourceId",
                "RestApiId",
            }
        ),
        values={
            "AuthorizationType": frozenset({"COGNITO_USER_POOLS", "CUSTOM", "NONE"}),
            "Integration.Type": frozenset({"AWS_PROXY", "MOCK"}),
        },
        ignored={
            "Integration.CacheKeyParameters": _UNCACHED,
            "Integration.CacheNamespace": _UNCACHED,
        },
    ),
    ResourceType(
        name="AWS::ApiGateway::Deployment",
        create=_deferred("rest_apis", "create_deployment"),
        supported=frozenset({"Description", "RestApiId"}),
    ),
    ResourceType(
        name="AWS::ApiGateway::Stage",
        create=_deferred("rest_apis", "create_stage"),
        supported=frozenset({"DeploymentId", "Description", "RestApiId", "StageName", "Variables"}),
        ignored={
            **TAGS,
            "AccessLogSetting": "no access log is written offline",
            "CacheClusterEnabled": _UNCACHED,
            "CacheClusterSize": _UNCACHED,
            "DocumentationVersion": "it is shown only in the console",
            "MethodSettings": _UNLIMITED,
            "TracingEnabled": "X-Ray is not supported; the journal records every hop",
        },
        not_enforced=_UNLIMITED,
    ),
    ResourceType(
        name="AWS::ApiGateway::Account",
        create=lambda request: Created(ref=request.logical_id, attributes={"Id": request.logical_id}),
        supported=frozenset(),
        ignored={"CloudWatchRoleArn": "API Gateway writes no logs offline"},
    ),
    ResourceType(
        name="AWS::ApiGateway::Authorizer",
        create=_deferred("rest_access", "create_authorizer"),
        supported=frozenset(
            {
                "AuthorizerResultTtlInSeconds",
                "AuthorizerUri",
                "IdentitySource",
                "IdentityValidationExpression",
                "Name",
                "ProviderARNs",
                "RestApiId",
                "Type",
            }
        ),
        ignored={"AuthType": "only OpenAPI documents use it"},
    ),
    ResourceType(
        name="AWS::ApiGateway::RequestValidator",
        create=_deferred("rest_access", "create_validator"),
        supported=frozenset({"Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"}),
    ),
    ResourceType(
        name="AWS::ApiGateway::Model",
        create=_deferred("rest_access", "create_model"),
        supported=frozenset({"ContentType", "Description", "Name", "RestApiId", "Schema"}),
    ),
    ResourceType(
        name="AWS::ApiGateway::GatewayResponse",
        create=_deferred("rest_access", "create_gateway_response"),
        supported=frozenset(
            {"ResponseParameters", "ResponseTemplates", "ResponseType", "RestApiId", "StatusCode"}
        ),
    ),
    ResourceType(
        name="AWS::ApiGateway::ApiKey",
        create=_deferred("rest_keys", "create_key"),
        supported=frozenset({"CustomerId", "Description", "Enabled", "GenerateDistinctId", "Name", "Value"}),
        ignored={**TAGS, "StageKeys": "usage plans replaced them"},
    ),
    ResourceType(
        name="AWS::ApiGateway::UsagePlan",
        create=_deferred("rest_keys", "create_plan"),
        supported=frozenset({"ApiStages", "Description", "Quota", "Throttle", "UsagePlanName"}),
        ignored=TAGS,
        not_enforced="throttles and quotas: every request with a key of the plan is served",
    ),
    ResourceType(
        name="AWS::ApiGateway::UsagePlanKey",
        create=_deferred("rest_keys", "create_plan_key"),
        supported=frozenset({"KeyId", "KeyType", "UsagePlanId"}),
    ),
)
