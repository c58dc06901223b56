"""A log group with a retention of the stage."""

from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.components.key_reference import key_arn
from infrastructure.removal import kept_once_made


class StageLogGroup(Construct):
    """Keeps lines for these days, the stage's by default, and exists as long as the stage's data."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        log_group_name: str,
        retention_days: int | None = None,
    ) -> None:
        super().__init__(scope, construct_id)
        # The level-one group accepts the number of days in cdk.json.
        self.log_group = logs.CfnLogGroup(
            self,
            "Resource",
            log_group_name=log_group_name,
            retention_in_days=retention_days or stage.settings.log_retention_days,
            kms_key_id=key_arn(stage),
        )
        self.log_group.apply_removal_policy(kept_once_made(stage))
