"""The backups of the tables."""

from aws_cdk import Stack
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.table_backups import TableBackups
from infrastructure.protection_settings import Backup


class BackupStack(Stack):
    """The vault and its plan alone: who deploys the stage need not be able to delete its backups."""

    def __init__(self, scope: Construct, *, stage: Stage, settings: Backup) -> None:
        super().__init__(
            scope,
            stage.names.stack("backup"),
            description=f"{stage.application.title}: daily copies of the tables.",
            tags=stage.tags,
            termination_protection=stage.settings.production,
        )
        TableBackups(self, "Backups", stage=stage, settings=settings)
