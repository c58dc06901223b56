"""Read a topic for an event source mapping: each of its partitions in order.

https://docs.aws.amazon.com/lambda/latest/dg/with-kafka.html
"""

from datetime import datetime

from pocketcloud.awslambda.parts import due_of, first_due, result_of
from pocketcloud.awslambda.shard_poller import MakeConsumer, ShardPoller
from pocketcloud.awslambda.topic_mapping import TopicMapping
from pocketcloud.core.engine import Engine
from pocketcloud.kafka.partition_source import PartitionSource
from pocketcloud.kafka.topics import KafkaTopics


class KafkaPoller:
    """One poller for each partition of the mapping's topic."""

    def __init__(
        self, engine: Engine, make_consumer: MakeConsumer, mapping: TopicMapping, topics: KafkaTopics
    ) -> None:
        self._pollers: list[ShardPoller] = []
        self.label = f"topic/{mapping.topic}"
        for partition in topics.partitions(mapping.topic):
            source = PartitionSource(mapping.servers, mapping.topic, partition, mapping.cluster_arn)
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
