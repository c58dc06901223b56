"""The HTTP API in front of the services' routes."""

import json
from collections.abc import Iterable

from aws_cdk import RemovalPolicy
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_authorizers as authorizers
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.arns import function_arn
from infrastructure.components.customer_tokens import CustomerTokens
from infrastructure.stage import Stage

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "error": "$context.error.message",
    "authorizerError": "$context.authorizer.error",
    "integrationStatus": "$context.integration.status",
    "integrationLatency": "$context.integration.latency",
    "responseLatency": "$context.responseLatency",
    "responseLength": "$context.responseLength",
}
"""Nothing here tells who asked: no address, no agent, no claim, no path with an id in it."""


class OrderApi(Construct):
    """Takes requests with a valid token and scope, no more of them than the stage allows, and logs each."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, tokens: CustomerTokens) -> None:
        super().__init__(scope, construct_id)
        self._scope = tokens.scope
        self._authorizer = authorizers.HttpJwtAuthorizer(
            "Authorizer", tokens.issuer, jwt_audience=[tokens.audience]
        )
        self.api = apigateway.HttpApi(
            self, "Resource", api_name=stage.names.of("api"), create_default_stage=False
        )
        self.stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self.api,
            stage_name="$default",
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(
                rate_limit=stage.api.rate_limit, burst_limit=stage.api.burst_limit
            ),
        )
        self._log_access(stage)

    def add_routes(self, routes: Iterable[str], *, service: str, stage: Stage) -> None:
        """Send these routes (`POST /orders`) to the service's API function."""
        function = lambda_.Function.from_function_attributes(
            self,
            service,
            function_arn=function_arn(self, stage.names.api_function(service)),
            same_environment=True,  # so that the permission to invoke it is made here
        )
        integration = integrations.HttpLambdaIntegration(
            f"{service}-integration",
            function,
            payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        )
        for route in routes:
            method, path = route.split(" ")
            self.api.add_routes(
                path=path,
                methods=[apigateway.HttpMethod(method)],
                integration=integration,
                authorizer=self._authorizer,
                authorization_scopes=[self._scope],
            )

    def _log_access(self, stage: Stage) -> None:
        log_group = logs.CfnLogGroup(
            self,
            "AccessLog",
            # The prefix keeps the account's one log resource policy from growing with every API.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
            log_group_name=f"/aws/vendedlogs/{stage.names.of('api')}",
            retention_in_days=stage.log_retention_days,
        )
        log_group.apply_removal_policy(RemovalPolicy[stage.removal_policy.upper()])
        resource = self.stage.node.default_child
        assert isinstance(resource, apigateway.CfnStage)  # noqa: S101 - narrows jsii's type
        # The level-two stage wants a class of its own for what is two strings here.
        resource.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group.attr_arn, format=json.dumps(ACCESS_LOG)
        )
