"""Lambda's asynchronous invocation: nobody waits for the answer, and a failure is tried twice more.

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

_WAITS = (timedelta(minutes=1), timedelta(minutes=2))
_THROTTLED = "TooManyRequestsException"


@dataclass(frozen=True, slots=True)
class Request:
    """One event for one function, by its ARN and from whom."""

    function: str
    payload: Mapping[str, Any]
    text: str
    source: str
    event: EventRef | None

    @property
    def destination(self) -> str:
        """The function as the journal names it."""
        return f"function/{function_in(self.function)}"


class AsynchronousInvocations:
    """Runs functions for services that do not wait; what fails to the end is noted as gone."""

    def __init__(self, engine: Engine, queues: Queues, runtime: Runtime) -> None:
        self._engine = engine
        self._queues = queues
        self._runtime = runtime

    def invoke(self, request: Request, *, attempt: int = 0) -> None:
        """Run the function, now and after each failure as long as Lambda does."""
        self._write(Kind.INVOKED, request)
        error = self._runtime.invoke(request.function, dict(request.payload)).error
        if error is None:
            self._write(Kind.HANDLED, request)
            return
        self._write(Kind.FAILED, request, str(error))
        # Only a reserved concurrency of zero throttles offline; then Lambda does not try again.
        if error.type == _THROTTLED or attempt == len(_WAITS):
            self._queues.drop(request.destination, request.event, str(error), request.text)
            return
        again = partial(self.invoke, request, attempt=attempt + 1)
        self._engine.scheduler.after(_WAITS[attempt], again, what=request.destination)

    def _write(self, kind: Kind, request: Request, reason: str | None = None) -> None:
        ends = [request.source, request.destination]
        source, destination = ends if kind is Kind.INVOKED else reversed(ends)
        self._engine.journal.write(kind, source, destination, request.event, reason=reason)
