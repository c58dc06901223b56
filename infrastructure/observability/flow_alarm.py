"""The one alarm that fires while the application's main process does not flow, for any reason."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from infrastructure.application import Stage
from infrastructure.observability.overview import FlowAlarmRow
from infrastructure.observability.stage_alarms import described, notify

DELAYS = ("message-age", "event-lag")


class FlowAlarm(Construct):
    """Fires while the relay, a service of the row or another alarm of the row is late."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, row: FlowAlarmRow) -> None:
        super().__init__(scope, construct_id)
        names = stage.names
        causes = [
            f"{names.relay}-iterator-age",
            *(f"{names.queue(service)}-{delay}" for service in row.services for delay in DELAYS),
            *map(names.of, row.alarms),
        ]
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Resource",
            composite_alarm_name=names.of(row.name),
            alarm_description=described(stage, row, row.meaning),
            alarm_rule=cloudwatch.AlarmRule.from_string(" OR ".join(f'ALARM("{name}")' for name in causes)),
        )
        notify(self.alarm, stage=stage)
