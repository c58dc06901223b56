"""Run all event source mappings: each is a scheduler source from creation to deletion."""

from functools import partial

from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.function_consumer import FunctionConsumer
from pocketcloud.awslambda.kafka_mapping import KafkaPoller
from pocketcloud.awslambda.kinesis_mapping import KinesisPoller
from pocketcloud.awslambda.queue_mapping import QueuePoller
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.awslambda.shard_poller import MakeConsumer, ShardPoller
from pocketcloud.awslambda.stream_failure import StreamFailures
from pocketcloud.awslambda.topic_mapping import TopicMapping
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.dynamodb.table_source import TableSource
from pocketcloud.kafka.topics import KafkaTopics
from pocketcloud.kinesis.kinesis_source import KinesisSource
from pocketcloud.kinesis.shard import Shard
from pocketcloud.kinesis.stream import Stream
from pocketcloud.kinesis.streams import DataStreams
from pocketcloud.mq.broker_mapping import BrokerMapping
from pocketcloud.mq.broker_poller import BrokerPoller
from pocketcloud.mq.brokers import Brokers
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues

_Poller = QueuePoller | ShardPoller | KinesisPoller | KafkaPoller | BrokerPoller


class Mappings:
    """Polls for the event source mappings that moto stores."""

    def __init__(
        self, engine: Engine, queues: Queues, topics: Topics, runtime: Runtime, streams: DataStreams
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._runtime = runtime
        self.streams = streams
        """The data streams that mappings read."""
        self.kafka = KafkaTopics(engine)
        """The topics of Kafka clusters outside AWS."""
        self.brokers = Brokers()
        """The queues of brokers that mappings read."""
        self._failures = StreamFailures(engine, queues, topics)
        self._sources: dict[str, _Poller] = {}

    def add(self, mapping: EventSourceMapping) -> None:
        """Start polling for a mapping."""
        source = self._poller(mapping)
        self._sources[mapping.uuid] = source
        self._engine.scheduler.add_source(source)

    def remove(self, uuid: str) -> None:
        """Stop polling for a mapping."""
        source = self._sources.pop(uuid, None)
        if source is not None:
            self._engine.scheduler.remove_source(source)

    def last_result(self, uuid: str) -> str | None:
        """Return the result of a stream's last batch; None before the first, and for a queue."""
        source = self._sources.get(uuid)
        return None if source is None or isinstance(source, QueuePoller) else source.last_result

    def reset(self) -> None:
        """Restart every mapping with empty queues and streams."""
        self.kafka.clear()
        self.brokers.clear()
        for source in self._sources.values():
            source.reset()

    def _poller(self, mapping: EventSourceMapping) -> _Poller:
        engine, arn = self._engine, mapping.event_source_arn
        if isinstance(mapping, BrokerMapping):
            return BrokerPoller(engine, self._runtime, self.brokers, mapping)
        if ":sqs:" in arn:
            return QueuePoller(engine, self._queues, self._runtime, mapping)
        if ":kinesis:" in arn:
            return KinesisPoller(engine, partial(self._shard_poller, mapping), mapping, self.streams)
        if isinstance(mapping, TopicMapping):
            return KafkaPoller(engine, self._consumers(mapping), mapping, self.kafka)
        table = TableSource(engine, arn)
        start = table.start(mapping.starting_position)
        return ShardPoller(engine, self._consumers(mapping), table, start=start)

    def _shard_poller(
        self, mapping: EventSourceMapping, stream: Stream, shard: Shard, start: int
    ) -> ShardPoller:
        source = KinesisSource(self._engine, stream, shard, partial(self._role_of, mapping))
        return ShardPoller(self._engine, self._consumers(mapping), source, start=start)

    def _role_of(self, mapping: EventSourceMapping) -> str:
        return str(self._engine.functions.get_function(function_in(mapping.function_arn)).role)

    def _consumers(self, mapping: EventSourceMapping) -> MakeConsumer:
        return partial(FunctionConsumer, self._engine, self._runtime, self._failures, mapping)
