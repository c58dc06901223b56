"""What a person has to know of requests that an API function itself turns away for now."""

from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.own_metric import own_metric
from infrastructure.stage import Stage


class UnavailableAlarm(Construct):
    """Rings when an API answers 503, as soon as it would for as many errors: it sells nothing then either."""

    def __init__(self, scope: Construct, construct_id: str, *, stage: Stage, service: str) -> None:
        super().__init__(scope, construct_id)
        function_name = stage.names.api_function(service)
        self.alarm = StageAlarm(
            self,
            "Alarm",
            stage=stage,
            alarm_name=f"{function_name}-unavailable",
            kind=AlarmKind.ERRORS,
            description=f"{function_name} answers 503, which Lambda does not count as an error.",
            metric=own_metric(stage, "Unavailable", service=f"{service}-api"),
            threshold=stage.alarms.function_errors,
            evaluation_periods=stage.alarms.evaluation_periods,
        ).alarm
