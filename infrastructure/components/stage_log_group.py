"""A log group that forgets when its stage says so."""

from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.removal import kept_once_made
from infrastructure.stage import Stage


class StageLogGroup(Construct):
    """Keeps lines for the stage's days, and itself as long as the stage's data."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, log_group_name: str) -> None:
        super().__init__(scope, construct_id)
        # The level-one group takes the retention as the number of days that cdk.json names.
        self.log_group = logs.CfnLogGroup(
            self,
            "Resource",
            log_group_name=log_group_name,
            retention_in_days=stage.log_retention_days,
        )
        self.log_group.apply_removal_policy(kept_once_made(stage))
