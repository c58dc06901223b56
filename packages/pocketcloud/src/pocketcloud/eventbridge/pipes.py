"""Run all pipes: each is a scheduler source from creation to deletion."""

from functools import partial

from moto.pipes.models import Pipe

from pocketcloud.awslambda.kinesis_mapping import KinesisPoller
from pocketcloud.awslambda.shard_poller import MakeConsumer, ShardPoller
from pocketcloud.awslambda.stream_failure import StreamFailures
from pocketcloud.core.engine import Engine
from pocketcloud.dynamodb.table_source import TableSource
from pocketcloud.eventbridge.pipe_poller import PipePoller
from pocketcloud.eventbridge.pipe_stream import PipeConsumer, PipeShardSource, PipeStreamOptions
from pocketcloud.eventbridge.pipe_targets import PipeTargets
from pocketcloud.kinesis.shard import Shard
from pocketcloud.kinesis.stream import Stream
from pocketcloud.kinesis.streams import DataStreams
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues

_Poller = PipePoller | ShardPoller | KinesisPoller


class Pipes:
    """Polls for the pipes that moto stores."""

    def __init__(
        self, engine: Engine, queues: Queues, topics: Topics, targets: PipeTargets, streams: DataStreams
    ) -> None:
        self._engine = engine
        self._queues = queues
        self._targets = targets
        self._failures = StreamFailures(engine, queues, topics)
        self.streams = streams
        """The data streams that pipes read."""
        self._pollers: dict[str, _Poller] = {}

    def add(self, pipe: Pipe) -> None:
        """Start polling for a pipe."""
        poller = self._pollers[pipe.name] = self._poller(pipe)
        self._engine.scheduler.add_source(poller)

    def remove(self, name: str) -> None:
        """Stop polling for a pipe."""
        poller = self._pollers.pop(name, None)
        if poller is not None:
            self._engine.scheduler.remove_source(poller)

    def reset(self) -> None:
        """Restart every pipe with empty queues and streams."""
        for poller in self._pollers.values():
            poller.reset()

    def _poller(self, pipe: Pipe) -> _Poller:
        service, options = pipe.source.split(":")[2], PipeStreamOptions(pipe)
        if service == "sqs":
            return PipePoller(self._engine, self._queues, self._targets, pipe)
        if service == "kinesis":
            return KinesisPoller(self._engine, partial(self._shard_poller, pipe), options, self.streams)
        table = TableSource(self._engine, pipe.source)
        start = table.start(options.starting_position)
        return ShardPoller(self._engine, self._consumers(pipe), table, start=start)

    def _shard_poller(self, pipe: Pipe, stream: Stream, shard: Shard, start: int) -> ShardPoller:
        source = PipeShardSource(self._engine, stream, shard, partial(_role_of, pipe))
        return ShardPoller(self._engine, self._consumers(pipe), source, start=start)

    def _consumers(self, pipe: Pipe) -> MakeConsumer:
        return partial(PipeConsumer, self._engine, self._targets, self._failures, pipe)


def _role_of(pipe: Pipe) -> str:
    return pipe.role_arn
