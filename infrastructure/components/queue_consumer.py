"""A service's queue, the function behind it, and the facts that reach it."""

from constructs import Construct

from infrastructure.arns import topic_arn
from infrastructure.components.durable_queue import DurableQueue
from infrastructure.components.event_rule import EVENTBRIDGE, EventRule, Pattern
from infrastructure.components.queue_mapping import QueueMapping
from infrastructure.components.service_resources import ServiceResources
from infrastructure.components.topic_subscription import TopicSubscription
from infrastructure.observability.alarms import (
    CONSUMER_ALARMS,
    FILLING_ALARMS,
    VERSION_DEAD_LETTERS,
    VERSION_RETRIES,
)
from infrastructure.observability.stage_alarms import add_alarms
from infrastructure.services import FactDeclaration, Function
from infrastructure.triggers import Queue

VISIBILITY_PER_TIMEOUT = 6
"""AWS recommends six times the timeout, plus the batching window.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""


class QueueConsumer(Construct):
    """Subscribes its queue to its facts: no producer and no other consumer changes.

    One dead-letter queue takes the failed messages of the queue, its subscriptions and its rules. Raw
    delivery makes them alike: each body is the event as the bus sent it.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: ServiceResources,
        function: Function,
        queue: Queue,
    ) -> None:
        super().__init__(scope, construct_id)
        self._stage, self._service = resources.stage, resources.service.name
        window = self._stage.settings.batching_seconds.get(self._service, 0)
        self._queue = DurableQueue(
            self,
            "Queue",
            stage=self._stage,
            name=self._service,
            visibility_timeout_seconds=VISIBILITY_PER_TIMEOUT * function.timeout_seconds + window,
            max_receive_count=queue.max_receive_count,
        )
        dead_letter_queue = self._queue.dead_letter_queue
        self.function = resources.make_function(
            self,
            "Function",
            function,
            {
                "DEAD_LETTER_QUEUE_URL": dead_letter_queue.queue.queue_url,
                "MAX_RECEIVE_COUNT": str(queue.max_receive_count),
            },
        )
        self.function.allow(dead_letter_queue.queue.queue_arn, "sqs:SendMessage")
        dimensions = resources.metric_dimensions(function)
        self._add_alarms(dimensions)
        self.function.shift_traffic(VERSION_DEAD_LETTERS, VERSION_RETRIES, dimensions=dimensions)
        QueueMapping(
            self,
            "Mapping",
            function=self.function,
            queue=self._queue.queue,
            batch_size=queue.batch_size,
            batching_window_seconds=window,
            concurrency=self._stage.settings.consumer_concurrency,
        )
        self._receive([self._stage.topology.fact(name) for name in queue.reacts_to])

    def _add_alarms(self, dimensions: dict[str, str]) -> None:
        rows = (*CONSUMER_ALARMS, *(FILLING_ALARMS if self._stage.settings.canary else ()))
        add_alarms(
            self,
            rows,
            stage=self._stage,
            name=self.function.name,
            dimensions=dimensions,
            service=self._service,
        )

    def _receive(self, facts: list[FactDeclaration]) -> None:
        """Subscribe to the topics of own facts, and add rules for outside facts and for replays."""
        names, service, topology = self._stage.names, self._service, self._stage.topology
        for fact in facts:
            if topology.is_external(fact):
                self._add_rule(
                    fact.name,
                    rule_name=names.ingress_rule(service, fact.name),
                    description=f"{fact.name} from {fact.owner} to the {service} service.",
                    bus_name=names.ingress_bus,
                    pattern={"source": self._sources(fact), "detail-type": [fact.name]},
                )
            else:
                topic = topic_arn(self, names.topic(fact.name))
                TopicSubscription(self, fact.name, topic_arn=topic, queue=self._queue)
        own = [fact.name for fact in facts if not topology.is_external(fact)]
        self._add_rule(
            "Replay",
            rule_name=names.replay_rule(service),
            description=f"Replays to the {service} service alone: its name begins theirs.",
            bus_name=names.event_bus,
            pattern={"replay-name": [{"prefix": names.replays(service)}], "detail-type": own},
        )

    def _sources(self, fact: FactDeclaration) -> list[str]:
        own = self._stage.own_ingress_sources
        return [fact.owner, *(source for source in fact.also_from if source in own)]

    def _add_rule(
        self, rule_id: str, *, rule_name: str, description: str, bus_name: str, pattern: Pattern
    ) -> None:
        rule = EventRule(
            self,
            rule_id,
            stage=self._stage,
            rule_name=rule_name,
            description=description,
            bus_name=bus_name,
            pattern=pattern,
            target_arn=self._queue.queue.queue_arn,
            dead_letter_queue=self._queue.dead_letter_queue,
        )
        self._queue.admission.admit(EVENTBRIDGE, rule.rule.attr_arn)
