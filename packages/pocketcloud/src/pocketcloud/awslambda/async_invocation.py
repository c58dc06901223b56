"""Lambda's asynchronous invocation, which retries a failure twice.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine, function_in
from pocketcloud.core.journal import EventRef, Kind
from pocketcloud.sqs.queues import Queues

_RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
_THROTTLED = "TooManyRequestsException"


@dataclass(frozen=True, slots=True)
class InvocationRequest:
    """One event for one function, with its source."""

    function: str
    payload: Mapping[str, Any]
    text: str
    source: str
    event: EventRef | None

    @property
    def destination(self) -> str:
        """The function's name in the journal."""
        return f"function/{function_in(self.function)}"


class AsynchronousInvocations:
    """Invokes functions asynchronously; events that fail all attempts are dropped."""

    def __init__(self, engine: Engine, queues: Queues, runtime: Runtime) -> None:
        self._engine = engine
        self._queues = queues
        self._runtime = runtime

    def invoke(self, request: InvocationRequest, *, attempt: int = 0) -> None:
        """Invoke the function, and plan a retry if it fails."""
        self._write(Kind.INVOKED, request)
        error = self._runtime.invoke(request.function, dict(request.payload)).error
        if error is None:
            self._write(Kind.HANDLED, request)
            return
        self._write(Kind.FAILED, request, str(error))
        # Offline, only a reserved concurrency of zero throttles; Lambda does not retry then.
        if error.type == _THROTTLED or attempt == len(_RETRY_DELAYS):
            self._queues.drop(request.destination, request.event, str(error), request.text)
            return
        retry = partial(self.invoke, request, attempt=attempt + 1)
        self._engine.scheduler.after(_RETRY_DELAYS[attempt], retry, label=request.destination)

    def _write(self, kind: Kind, request: InvocationRequest, reason: str | None = None) -> None:
        ends = [request.source, request.destination]
        source, destination = ends if kind is Kind.INVOKED else reversed(ends)
        self._engine.journal.write(kind, source, destination, request.event, reason=reason)
