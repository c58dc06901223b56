"""The trail of data events."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.data_trail import DataTrail
from infrastructure.protection_settings import DataEvents


class TrailStack(Stack):
    """The trail and its bucket alone: who deploys the stage need not be able to stop it."""

    def __init__(self, scope: Construct, *, stage: Stage, settings: DataEvents) -> None:
        super().__init__(
            scope,
            stage.names.stack("trail"),
            description=f"{stage.application.title}: the trail of data events that functions do not cause.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        DataTrail(self, "DataEvents", stage=stage, settings=settings)
