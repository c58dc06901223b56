"""The door for customers."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infrastructure import topology
from infrastructure.components.customer_tokens import CustomerTokens
from infrastructure.components.order_api import OrderApi
from infrastructure.stage import Stage


class ApiStack(Stack):
    """Every route of the map behind one HTTP API, and whose tokens open it."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("api"),
            description="Orderbus: the HTTP API and its customers.",
            tags=stage.tags,
        )
        tokens = CustomerTokens(self, "Customers", stage=stage)
        api = OrderApi(self, "OrderApi", stage=stage, tokens=tokens)
        for service in topology.SERVICES:
            if service.api:
                api.add_routes(service.api.routes, service=service.name, stage=stage)
            if webhooks := service.webhooks_with(stage.gateway):
                api.add_signed_route(webhooks.route, service=service.name, stage=stage)
        CfnOutput(self, "ApiUrl", value=api.api.api_endpoint)
