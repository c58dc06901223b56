"""What a person has to know of orders that are open for longer than they may be."""

from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.own_metric import own_metric
from infrastructure.stage import Stage


class OverdueAlarm(Construct):
    """Rings when orders are past their deadline and minutes later still not ended."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, service: str) -> None:
        super().__init__(scope, construct_id)
        function_name = stage.names.deadlines_function(service)
        StageAlarm(
            self,
            "Alarm",
            stage=stage,
            alarm_name=stage.names.overdue,
            kind=AlarmKind.ORDERS_OVERDUE,
            description=f"Orders are past their deadline, and {function_name} does not end them.",
            metric=own_metric(stage, "Overdue", service=f"{service}-deadlines", statistic="Maximum"),
            threshold=1,
            evaluation_periods=1,
        )
