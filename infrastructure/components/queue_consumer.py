"""A service's queue, the function behind it, and the facts that reach it."""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infrastructure.alarm_kinds import AlarmKind
from infrastructure.arns import topic_arn
from infrastructure.components.alarm import StageAlarm
from infrastructure.components.count_alarms import FORGED, NOT_DEAD_LETTERED, first_count_rings
from infrastructure.components.durable_queue import DurableQueue
from infrastructure.components.event_rule import EVENTBRIDGE, EventRule, Pattern
from infrastructure.components.filling_alarm import filling_alarms
from infrastructure.components.own_metric import own_metric
from infrastructure.components.queue_mapping import QueueMapping
from infrastructure.components.service_function import ServiceFunction
from infrastructure.components.topic_subscription import TopicSubscription
from infrastructure.services import Service
from infrastructure.stage import Stage

VISIBILITY_PER_TIMEOUT = 6
"""https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


class QueueConsumer(Construct):
    """Subscribing is the consumer's own act: no producer and no other consumer changes.

    One dead-letter queue takes all that does not get through, from the queue, its subscriptions and its
    rules. Raw delivery makes its messages alike: each body is the event as the bus sent it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: Stage,
        service: Service,
        layer: lambda_.ILayerVersion,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage, limits = stage, service.consumer
        self._queue = DurableQueue(
            self,
            "Queue",
            stage=stage,
            name=service.name,
            visibility_timeout=VISIBILITY_PER_TIMEOUT * limits.timeout,
            max_receive_count=limits.max_receive_count,
        )
        dead_letters = self._queue.dead_letters
        self.function = ServiceFunction(
            self,
            "Function",
            stage=stage,
            function_name=stage.names.consumer_function(service.name),
            service=service.name,
            module="handler",
            timeout=limits.timeout,
            memory=limits.memory,
            layer=layer,
            environment={
                "DEAD_LETTER_QUEUE_URL": dead_letters.queue.queue_url,
                "MAX_RECEIVE_COUNT": str(limits.max_receive_count),
                **environment,
            },
        )
        self.function.allow(dead_letters.queue.queue_arn, "sqs:SendMessage")
        self._watch(stage, service, dead_letters.not_empty)
        QueueMapping(
            self,
            "Mapping",
            function=self.function,
            queue=self._queue.queue,
            batch_size=limits.batch_size,
            concurrency=stage.consumer_concurrency,
        )

    def _watch(self, stage: Stage, service: Service, not_empty: cloudwatch.Alarm) -> None:
        name = stage.names.consumer_function(service.name)
        first_count_rings(
            self,
            stage=stage,
            function_name=name,
            service=service.name,
            metrics={"Forged": FORGED, "NotDeadLettered": NOT_DEAD_LETTERED, **service.consumer.rings_at},
        )
        self._watch_lag(stage, service.name)
        filling = filling_alarms(self, stage=stage, function_name=name, service=service.name)
        self.function.shift_traffic(not_empty, self._retries_alarm(stage, service.name), *filling)

    def _watch_lag(self, stage: Stage, service: str) -> None:
        seconds = stage.alarms.event_age_seconds
        StageAlarm(
            self,
            "EventLag",
            stage=stage,
            alarm_name=f"{stage.names.consumer_function(service)}-event-lag",
            kind=AlarmKind.EVENT_LAG,
            description=f"One fact in ten reaches {service} {seconds} seconds after it was stated, or later.",
            metric=own_metric(stage, "EventAge", service=service, statistic="p90"),
            threshold=seconds * 1000,  # the metric counts milliseconds
            evaluation_periods=1,
        )

    def _retries_alarm(self, stage: Stage, service: str) -> cloudwatch.Alarm:
        return StageAlarm(
            self,
            "Retries",
            stage=stage,
            alarm_name=f"{stage.names.consumer_function(service)}-retries",
            kind=AlarmKind.RETRIES,
            description=f"Reactions of {service} fail one by one, which Lambda does not count as errors.",
            metric=own_metric(stage, "Retried", service=service),
            threshold=stage.alarms.retries,
            evaluation_periods=stage.alarms.evaluation_periods,
        ).alarm

    def subscribe(self, fact: str, *, stage: Stage) -> None:
        """Receive a fact of the order bus through its topic."""
        TopicSubscription(
            self,
            fact,
            topic_arn=topic_arn(self, stage.names.topic(fact)),
            queue=self._queue,
        )

    def receive(
        self, rule_id: str, *, rule_name: str, description: str, bus_name: str, pattern: Pattern
    ) -> None:
        """Receive what a rule of its own lets through, straight from a bus."""
        rule = EventRule(
            self,
            rule_id,
            stage=self._stage,
            rule_name=rule_name,
            description=description,
            bus_name=bus_name,
            pattern=pattern,
            target_arn=self._queue.queue.queue_arn,
            dead_letters=self._queue.dead_letters,
        )
        self._queue.admission.admit(EVENTBRIDGE, rule.rule.attr_arn)
