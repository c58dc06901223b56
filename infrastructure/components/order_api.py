"""The HTTP API in front of the services' routes."""

from collections.abc import Iterable

from aws_cdk import Duration
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure import topology
from infrastructure.arns import alias_arn
from infrastructure.components.access_log import AccessLog
from infrastructure.components.customer_tokens import CustomerTokens
from infrastructure.stage import Stage

REQUEST_HEADERS = ("authorization", "content-type", "idempotency-key", "traceparent")
"""What a client says with its requests."""
REPLY_HEADERS = ("apigw-requestid", "idempotent-replayed", "retry-after")
"""What a client may want to read of our replies, besides what every script may."""


class OrderApi(Construct):
    """Takes requests with a valid token and scope, no more of them than the stage allows, and logs each."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, tokens: CustomerTokens) -> None:
        super().__init__(scope, construct_id)
        self._scope = tokens.scope
        self._authorizer = authorizers.HttpJwtAuthorizer(
            "Authorizer", tokens.issuer, jwt_audience=[tokens.audience]
        )
        api_name = stage.names.of("api")
        self.api = apigateway.HttpApi(
            self, "Resource", api_name=api_name, create_default_stage=False, cors_preflight=_cors(stage)
        )
        # The level-one stage: the level-two one wants a class of its own for the log's two strings.
        apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=stage.api.rate_limit, throttling_burst_limit=stage.api.burst_limit
            ),
            access_log_settings=AccessLog(self, "AccessLog", stage=stage, api_name=api_name).settings,
        )

    def add_routes(self, routes: Iterable[str], *, service: str, stage: Stage) -> None:
        """Send these routes (`POST /orders`) to the version of the service's API function that serves."""
        integration = self._integration(service, stage.names.api_function(service))
        for route in routes:
            method, path = route.split(" ")
            self.api.add_routes(
                path=path,
                methods=[apigateway.HttpMethod(method)],
                integration=integration,
                authorizer=self._authorizer,
                authorization_scopes=[self._scope],
            )

    def add_signed_route(self, route: str, *, service: str, stage: Stage) -> None:
        """Send a route that needs no token to the service's webhooks: what comes there is signed instead."""
        method, path = route.split(" ")
        self.api.add_routes(
            path=path,
            methods=[apigateway.HttpMethod(method)],
            integration=self._integration(f"{service}-webhooks", stage.names.webhooks_function(service)),
        )

    def _integration(self, construct_id: str, function_name: str) -> integrations.HttpLambdaIntegration:
        function = lambda_.Function.from_function_attributes(
            self,
            construct_id,
            function_arn=alias_arn(self, function_name),
            same_environment=True,  # so that the permission to invoke it is made here
        )
        return integrations.HttpLambdaIntegration(
            f"{construct_id}-integration",
            function,
            payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        )


def _cors(stage: Stage) -> apigateway.CorsPreflightOptions | None:
    """What browsers are told of the stage's pages: customers' methods and headers, and no cookies."""
    if not stage.allowed_origins:
        return None
    routes = [route for service in topology.SERVICES if service.api for route in service.api.routes]
    return apigateway.CorsPreflightOptions(
        allow_origins=list(stage.allowed_origins),
        allow_methods=[
            apigateway.CorsHttpMethod(method) for method in sorted({route.split(" ")[0] for route in routes})
        ],
        allow_headers=list(REQUEST_HEADERS),
        expose_headers=list(REPLY_HEADERS),
        max_age=Duration.hours(1),
    )
