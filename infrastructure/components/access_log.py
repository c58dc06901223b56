"""The access log of an HTTP API."""

import json

from aws_cdk import aws_apigatewayv2 as apigateway
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.arns import log_group_arn
from infrastructure.components.stage_log_group import StageLogGroup

FIELDS = {
    "requestId": "$context.requestId",
    "sourceIp": "$context.identity.sourceIp",
    "subject": "$context.authorizer.claims.sub",
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
"""The caller's network address and the customer's id attribute abuse; nothing else is of a person: no name,
email address, user agent or path with an id (docs/decisions/0090-the-access-log-names-the-caller.md).
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
"""


class AccessLog(Construct):
    """One JSON line per request, in a log group that no policy for people reads."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, api_name: str) -> None:
        super().__init__(scope, construct_id)
        log_group = StageLogGroup(
            self,
            "LogGroup",
            stage=stage,
            # The prefix keeps the account's one log resource policy from growing with every API.
            # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
            log_group_name=f"/aws/vendedlogs/{api_name}",
            retention_days=stage.settings.access_log_retention_days,
        ).log_group
        self.settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=log_group_arn(self, log_group.ref), format=json.dumps(FIELDS)
        )
