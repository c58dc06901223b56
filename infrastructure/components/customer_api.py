"""The HTTP API in front of the services' routes."""

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import alias_arn
from infrastructure.components.access_log import AccessLog
from infrastructure.components.api_domain import ApiDomain
from infrastructure.components.customer_tokens import CustomerTokens
from infrastructure.observability.alarms import API_ALARMS
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.services import Function
from infrastructure.triggers import OperatorRoutes, Routes, TokenRoute, Webhook

REQUEST_HEADERS = ("authorization", "content-type", "idempotency-key", "traceparent")
"""The headers that a page may send."""
RESPONSE_HEADERS = ("apigw-requestid", "idempotent-replayed", "retry-after")
"""The headers that a page may read, besides those that every script may."""


class CustomerApi(Construct):
    """Accepts requests with a valid token and scope, throttles them and logs each."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, tokens: CustomerTokens) -> None:
        super().__init__(scope, construct_id)
        self._stage, self._tokens = stage, tokens
        self._authorizer = authorizers.HttpJwtAuthorizer(
            "Authorizer", tokens.issuer, jwt_audience=[tokens.audience]
        )
        api_name = stage.names.of("api")
        self.api = apigateway.HttpApi(
            self,
            "Resource",
            api_name=api_name,
            create_default_stage=False,
            cors_preflight=_cors(stage),
            disable_execute_api_endpoint=stage.settings.domain is not None or None,
        )
        add_alarms(self, API_ALARMS, stage=stage, name=api_name, dimensions={"ApiId": self.api.api_id})
        throttle = stage.settings.api
        # The level-one stage: the level-two one requires a class for the log's two strings.
        default_stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=throttle.rate_limit, throttling_burst_limit=throttle.burst_limit
            ),
            access_log_settings=AccessLog(self, "AccessLog", stage=stage, api_name=api_name).settings,
        )
        if domain := stage.settings.domain:
            ApiDomain(self, "Domain", domain=domain, stage=default_stage, edge=stage.settings.edge)

    @property
    def url(self) -> str:
        """The address for clients."""
        domain = self._stage.settings.edge or self._stage.settings.domain
        return f"https://{domain.name}" if domain else self.api.api_endpoint

    def add_routes(self, service: str, function: Function) -> None:
        """Send the routes of the function's trigger, if it has any, to the version in service."""
        name = self._stage.names.function(service, function.module)
        match function.trigger:
            case Routes(routes) | OperatorRoutes(routes):
                integration = self._integration(service, name)
                for_operators = isinstance(function.trigger, OperatorRoutes)
                scope = self._tokens.operator_scope if for_operators else self._tokens.scope
                for route in routes:
                    self._add_route(route, integration, authorizer=self._authorizer, scopes=[scope])
            case Webhook(route):
                self._add_route(route, self._integration(f"{service}-{function.module}", name))
            case TokenRoute(route=route, issuer=issuer):
                # Its own authorizer: a customer's token is worthless here, and this one at customers' routes.
                authorizer = authorizers.HttpJwtAuthorizer(
                    f"{service.title()}Authorizer", issuer, jwt_audience=[self._stage.names.of(service)]
                )
                integration = self._integration(f"{service}-{function.module}", name)
                self._add_route(route, integration, authorizer=authorizer)

    def _add_route(
        self,
        route: str,
        integration: integrations.HttpLambdaIntegration,
        *,
        authorizer: authorizers.HttpJwtAuthorizer | None = None,
        scopes: list[str] | None = None,
    ) -> None:
        method, path = route.split(" ")
        self.api.add_routes(
            path=path,
            methods=[apigateway.HttpMethod(method)],
            integration=integration,
            authorizer=authorizer,
            authorization_scopes=scopes,
        )

    def _integration(self, construct_id: str, function_name: str) -> integrations.HttpLambdaIntegration:
        function = lambda_.Function.from_function_attributes(
            self,
            construct_id,
            function_arn=alias_arn(self, function_name),
            same_environment=True,  # CDK then adds the permission to invoke it here
        )
        return integrations.HttpLambdaIntegration(
            f"{construct_id}-integration",
            function,
            payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        )


def _cors(stage: Stage) -> apigateway.CorsPreflightOptions | None:
    """Allow the stage's pages the methods of customers' routes, and no cookies."""
    if not stage.settings.allowed_origins:
        return None
    routes = [route for service in stage.topology.services for route in service.routes]
    return apigateway.CorsPreflightOptions(
        allow_origins=list(stage.settings.allowed_origins),
        allow_methods=[
            apigateway.CorsHttpMethod(method) for method in sorted({route.split(" ")[0] for route in routes})
        ],
        allow_headers=list(REQUEST_HEADERS),
        expose_headers=list(RESPONSE_HEADERS),
        max_age=Duration.hours(1),
    )
