"""Read a topic for an event source mapping: each of its partitions in order.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend

from pocketcloud.awslambda.parts import due_of, first_due, result_of
from pocketcloud.awslambda.shard_poller import MakeConsumer, ShardPoller
from pocketcloud.awslambda.unchecked_mapping import UncheckedMapping
from pocketcloud.core.engine import Engine
from pocketcloud.kafka.partition_source import PartitionSource
from pocketcloud.kafka.topics import KafkaTopics

RETRIES_WITH_A_DESTINATION = 10
"""The number that Lambda uses for infinite retries: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html."""


class TopicMapping(UncheckedMapping):
    """A mapping from a cluster outside AWS; its ARN is like those of Amazon MSK, and no response shows it."""

    @property
    def topic(self) -> str:
        """The topic's name."""
        return "".join(self.topics or [])

    @property
    def servers(self) -> str:
        """The cluster's addresses, as a function receives them."""
        return ",".join((self.self_managed_event_source or {})["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"])

    def get_configuration(self) -> dict[str, Any]:
        """Describe it without the ARN that it does not have."""
        shown: dict[str, Any] = super().get_configuration()
        return {name: value for name, value in shown.items() if name != "EventSourceArn"}


def is_of_topic(options: Mapping[str, Any]) -> bool:
    """Return whether the event source is a cluster outside AWS."""
    return bool(options.get("SelfManagedEventSource"))


def create_topic_mapping(backend: LambdaBackend, options: dict[str, Any]) -> EventSourceMapping:
    """Store a mapping in moto."""
    function = backend.get_function(options["FunctionName"])
    place = {"RegionName": backend.region_name, "AccountId": backend.account_id}
    name = f"arn:aws:kafka:{backend.region_name}:{backend.account_id}:self-managed/{options['Topics'][0]}"
    spec = {**options, **place, "FunctionArn": function.function_arn, "EventSourceArn": name}
    mapping = TopicMapping(spec)  # type: ignore[abstract]  # moto's own class lacks the methods too
    if (mapping.destination_config or {}).get("OnFailure") and mapping.max_retry_attempts in {None, -1}:
        mapping.max_retry_attempts = RETRIES_WITH_A_DESTINATION
    backend._event_source_mappings[mapping.uuid] = mapping  # noqa: SLF001 - as moto's own
    return mapping


class KafkaPoller:
    """One poller for each partition of the mapping's topic."""

    def __init__(
        self, engine: Engine, make_consumer: MakeConsumer, mapping: TopicMapping, topics: KafkaTopics
    ) -> None:
        self._pollers: list[ShardPoller] = []
        self.label = f"topic/{mapping.topic}"
        for partition in topics.partitions(mapping.topic):
            source = PartitionSource(mapping.servers, mapping.topic, partition)
            start = (
                partition.end if mapping.starting_position == "LATEST" else partition.starting_sequence_number
            )
            self._pollers.append(ShardPoller(engine, make_consumer, source, start=start))

    @property
    def last_result(self) -> str | None:
        """Lambda's `LastProcessingResult`: of a partition with a problem, if any has one."""
        return result_of(self._pollers)

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked for any partition."""
        first = first_due(due_of(self._pollers))
        return first[0] if first else None

    def run(self) -> None:
        """Run the partition that is due first."""
        first = first_due(due_of(self._pollers))
        if first:
            first[1].run()

    def reset(self) -> None:
        """Restart with empty partitions."""
        for poller in self._pollers:
            poller.reset()
