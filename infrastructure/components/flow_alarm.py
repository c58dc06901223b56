"""The one alarm that says that orders are not flowing, whatever keeps them."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind, described
from infrastructure.components.alarm import tell
from infrastructure.stage import Stage


class FlowAlarm(Construct):
    """Rings as long as any of the alarms of these names does; they are other stacks'."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, alarm_names: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Resource",
            composite_alarm_name=stage.names.not_flowing,
            alarm_description=described(
                "Orders wait for longer than they may, at one step or at all.", AlarmKind.NOT_FLOWING
            ),
            alarm_rule=cloudwatch.AlarmRule.from_string(
                " OR ".join(f'ALARM("{name}")' for name in alarm_names)
            ),
        )
        tell(self.alarm, stage=stage)
