"""The one alarm that fires while orders do not flow, for any reason."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.business_alarms import NOT_FLOWING
from infrastructure.observability.stage_alarms import described, notify


class FlowAlarm(Construct):
    """Fires while any of the named alarms of other stacks does."""

    def __init__(
        self, scope: Construct, construct_id: str, *, stage: Stage, alarm_names: Sequence[str]
    ) -> None:
        super().__init__(scope, construct_id)
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Resource",
            composite_alarm_name=stage.names.of(NOT_FLOWING.name),
            alarm_description=described(stage, NOT_FLOWING, NOT_FLOWING.meaning),
            alarm_rule=cloudwatch.AlarmRule.from_string(
                " OR ".join(f'ALARM("{name}")' for name in alarm_names)
            ),
        )
        notify(self.alarm, stage=stage)
