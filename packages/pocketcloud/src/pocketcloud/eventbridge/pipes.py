"""Run all pipes: each is a scheduler source from creation to deletion."""

from moto.pipes.models import Pipe

from pocketcloud.core.engine import Engine
from pocketcloud.eventbridge.pipe_poller import PipePoller
from pocketcloud.eventbridge.pipe_targets import PipeTargets
from pocketcloud.sqs.queues import Queues


class Pipes:
    """Polls for the pipes that moto stores."""

    def __init__(self, engine: Engine, queues: Queues, targets: PipeTargets) -> None:
        self._engine = engine
        self._queues = queues
        self._targets = targets
        self._pollers: dict[str, PipePoller] = {}

    def add(self, pipe: Pipe) -> None:
        """Start polling for a pipe."""
        poller = self._pollers[pipe.name] = PipePoller(self._engine, self._queues, self._targets, pipe)
        self._engine.scheduler.add_source(poller)

    def remove(self, name: str) -> None:
        """Stop polling for a pipe."""
        poller = self._pollers.pop(name, None)
        if poller is not None:
            self._engine.scheduler.remove_source(poller)

    def reset(self) -> None:
        """Restart every pipe with empty queues."""
        for poller in self._pollers.values():
            poller.reset()
