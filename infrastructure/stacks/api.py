"""The HTTP API of customers."""

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.customer_api import CustomerApi
from infrastructure.components.customer_tokens import CustomerTokens
from infrastructure.services import Service
from infrastructure.triggers import OperatorRoutes, Routes, Webhook


class ApiStack(Stack):
    """Every route of the topology behind one HTTP API, and the issuer of its tokens."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.stack("api"),
            description=f"{stage.application.title}: the HTTP API and its customers.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        self._stage = stage
        tokens = CustomerTokens(self, "Customers", stage=stage)
        api = CustomerApi(self, f"{stage.application.domain.title()}Api", stage=stage, tokens=tokens)
        for service in stage.services:
            for function in service.functions:
                api.add_routes(service.name, function)
        CfnOutput(self, "ApiUrl", value=api.url)

    def invokes(self, service: Service) -> bool:
        """Whether a route leads to one of the service's functions."""
        return any(
            isinstance(function.trigger, Routes | OperatorRoutes | Webhook)
            and self._stage.includes(function.only_when)
            for function in service.functions
        )
