"""The relay: from the event log's stream to the order bus."""

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.count_alarms import NOT_DEAD_LETTERED, first_count_rings
from infrastructure.components.dead_letter_queue import DeadLetterQueue
from infrastructure.components.filling_alarm import filling_alarms
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.stream_mapping import StreamMapping
from infrastructure.stage import Stage


class Relay(Construct):
    """Publishes every fact of the event log, and rings when facts wait or were given up."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        layer: lambda_.ILayerVersion,
        event_log: dynamodb.Table,
        order_bus: events.EventBus,
    ) -> None:
        super().__init__(scope, construct_id)
        name = stage.names.relay
        dead_letters = DeadLetterQueue(
            self, "DeadLetters", stage=stage, queue_name=stage.names.dead_letter_queue("relay")
        )
        relay = ServiceFunction(
            self,
            "Function",
            stage=stage,
            function_name=name,
            service="relay",
            module="handler",
            timeout=30,
            memory=256,
            layer=layer,
            environment={
                "ORDER_BUS_NAME": stage.names.order_bus,
                "DEAD_LETTER_QUEUE_URL": dead_letters.queue.queue_url,
            },
        )
        relay.allow(order_bus.event_bus_arn, "events:PutEvents")
        StreamMapping(self, "Mapping", function=relay, table=event_log, dead_letters=dead_letters.queue)
        iterator_age = StageAlarm(
            self,
            "IteratorAge",
            stage=stage,
            alarm_name=f"{name}-iterator-age",
            kind=AlarmKind.ITERATOR_AGE,
            description="Facts wait in the event log's stream: the relay fails or is too slow.",
            metric=relay.function.metric("IteratorAge", period=Duration.minutes(1), statistic="Maximum"),
            threshold=stage.alarms.iterator_age_seconds * 1000,  # the metric counts milliseconds
            evaluation_periods=stage.alarms.evaluation_periods,
        )
        first_count_rings(
            self,
            stage=stage,
            function_name=name,
            service="relay",
            metrics={"NotDeadLettered": NOT_DEAD_LETTERED},
        )
        filling = filling_alarms(self, stage=stage, function_name=name, service="relay")
        relay.shift_traffic(dead_letters.not_empty, iterator_age.alarm, *filling)
        self.role = relay.role
