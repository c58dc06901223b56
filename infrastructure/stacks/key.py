"""The key of what a stage stores."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.stage_key import StageKey


class KeyStack(Stack):
    """The customer-managed key alone, deployed before everything that is encrypted with it."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(
            scope,
            stage.names.key_stack,
            description=f"{stage.application.title}: the key of what the stage stores.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        StageKey(self, "Key", stage=stage)
