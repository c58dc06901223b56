"""All event source mappings: each is a source of the scheduler from its creation to its deletion."""

from moto.awslambda.models import EventSourceMapping

from pocketcloud.awslambda.queue_mapping import QueueMapping
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.awslambda.stream_failure import StreamFailures
from pocketcloud.awslambda.stream_mapping import StreamMapping
from pocketcloud.core.engine import Engine
from pocketcloud.sns.topics import Topics
from pocketcloud.sqs.queues import Queues


class Mappings:
    """Carries out the mappings that moto only stores."""

    def __init__(self, engine: Engine, queues: Queues, topics: Topics, runtime: Runtime) -> None:
        self._engine = engine
        self._queues = queues
        self._runtime = runtime
        self._failures = StreamFailures(engine, queues, topics)
        self._sources: dict[str, QueueMapping | StreamMapping] = {}

    def add(self, mapping: EventSourceMapping) -> None:
        """Begin to poll for this mapping."""
        source: QueueMapping | StreamMapping
        if mapping.event_source_arn.split(":")[2] == "sqs":
            source = QueueMapping(self._engine, self._queues, self._runtime, mapping)
        else:
            source = StreamMapping(self._engine, self._runtime, self._failures, mapping)
        self._sources[mapping.uuid] = source
        self._engine.scheduler.add_source(source)

    def remove(self, uuid: str) -> None:
        """Poll no more for this mapping."""
        source = self._sources.pop(uuid, None)
        if source is not None:
            self._engine.scheduler.remove_source(source)

    def reset(self) -> None:
        """Let every mapping begin again; queues and streams are empty."""
        for source in self._sources.values():
            source.reset()
