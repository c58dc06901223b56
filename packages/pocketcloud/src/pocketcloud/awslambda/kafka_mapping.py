"""Read a topic for an event source mapping: each of its partitions in order.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.awslambda.stream_failure import StreamFailures
from pocketcloud.awslambda.stream_mapping import StreamPoller
from pocketcloud.core.engine import Engine
from pocketcloud.kafka.partition_source import PartitionSource
from pocketcloud.kafka.topics import KafkaTopics

DEFAULT_BATCH_SIZE = 100
RETRIES_WITH_A_DESTINATION = 10
"""What Lambda takes instead of infinite retries: https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html."""


class TopicMapping(EventSourceMapping):
    """A mapping from a cluster outside AWS; it has no ARN, and moto requires one of a service it knows."""

    event_source_arn = ""
    batch_size = DEFAULT_BATCH_SIZE

    def __init__(self, spec: dict[str, Any]) -> None:
        place = f"{spec['RegionName']}:{spec['AccountId']}"
        super().__init__(
            {**spec, "EventSourceArn": f"arn:aws:kafka:{place}:self-managed/{spec['Topics'][0]}"}
        )
        self.batch_size = spec.get("BatchSize") or DEFAULT_BATCH_SIZE
        if (self.destination_config or {}).get("OnFailure") and self.max_retry_attempts in {None, -1}:
            self.max_retry_attempts = RETRIES_WITH_A_DESTINATION

    def get_configuration(self) -> dict[str, Any]:
        """Describe it without the ARN that it does not have."""
        shown: dict[str, Any] = super().get_configuration()
        return {name: value for name, value in shown.items() if name != "EventSourceArn"}


class KafkaPoller:
    """One poller for each partition of the mapping's topic."""

    def __init__(
        self,
        engine: Engine,
        runtime: Runtime,
        failures: StreamFailures,
        mapping: EventSourceMapping,
        topics: KafkaTopics,
    ) -> None:
        self._pollers: list[StreamPoller] = []
        topic = mapping.topics[0]
        servers = ",".join(mapping.self_managed_event_source["Endpoints"]["KAFKA_BOOTSTRAP_SERVERS"])
        self.label = f"topic/{topic}"
        for partition in topics.partitions(topic):
            source = PartitionSource(servers, topic, partition)
            start = (
                partition.end if mapping.starting_position == "LATEST" else partition.starting_sequence_number
            )
            self._pollers.append(StreamPoller(engine, runtime, failures, mapping, source, start=start))

    @property
    def last_result(self) -> str | None:
        """Lambda's `LastProcessingResult`: of a partition with a problem, if any has one."""
        results = [poller.last_result for poller in self._pollers if poller.last_result]
        return next((each for each in results if each != "OK"), results[-1] if results else None)

    def next_due(self) -> datetime | None:
        """Return when the function is next invoked for any partition."""
        return min((due for due, _ in self._due()), default=None)

    def run(self) -> None:
        """Run the partition that is due first."""
        due = min(self._due(), key=lambda pair: pair[0], default=None)
        if due is not None:
            due[1].run()

    def reset(self) -> None:
        """Restart with empty partitions."""
        for poller in self._pollers:
            poller.reset()

    def _due(self) -> Iterator[tuple[datetime, StreamPoller]]:
        for poller in self._pollers:
            due = poller.next_due()
            if due is not None:
                yield due, poller
