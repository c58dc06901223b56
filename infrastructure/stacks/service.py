"""One service of the topology: its tables, its queue and its functions."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.function_trigger import add_function
from infrastructure.components.service_resources import ServiceResources
from infrastructure.services import Service


class ServiceStack(Stack):
    """Everything of one service and nothing of another; it can be deployed alone."""

    def __init__(self, scope: Construct, *, stage: Stage, service: Service) -> None:
        super().__init__(
            scope,
            stage.names.stack(service.name),
            description=f"{stage.application.title}: the {service.name} service.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        resources = ServiceResources(self, stage=stage, service=service)
        for function in service.functions:
            if stage.includes(function.only_when):
                add_function(resources, function)
