"""Lambda's asynchronous invocation: a failure is retried twice, then sent to a destination.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from moto.awslambda.exceptions import LambdaClientError

from pocketcloud.awslambda.destinations import SUCCESS, Destinations, InvocationOutcome, place
from pocketcloud.awslambda.event_invoke_configs import LATEST, EventInvokeConfigs
from pocketcloud.awslambda.function_settings import settings_of
from pocketcloud.awslambda.invocation import InvocationResult
from pocketcloud.awslambda.invocation_request import InvocationRequest
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import Engine
from pocketcloud.core.identifiers import new_identifier
from pocketcloud.core.journal import Kind
from pocketcloud.sqs.queues import Queues

_RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=2))
_THROTTLED = "TooManyRequestsException"
_MAXIMUM_ERROR_CHARACTERS = 1024


@dataclass(frozen=True, slots=True)
class _Accepted:
    """A request that Lambda took at a time; the id is the same in every attempt."""

    request: InvocationRequest
    id: str
    at: datetime


class AsynchronousInvocations:
    """Invokes functions asynchronously; an event that fails all attempts is dead-lettered or dropped."""

    def __init__(self, engine: Engine, queues: Queues, runtime: Runtime, configs: EventInvokeConfigs) -> None:
        self._engine = engine
        self._queues = queues
        self._runtime = runtime
        self._configs = configs
        self._destinations: Destinations | None = None

    def use(self, destinations: Destinations) -> None:
        """Send results to these destinations."""
        self._destinations = destinations

    def invoke(self, request: InvocationRequest) -> None:
        """Invoke the function now, and plan a retry if it fails."""
        self._attempt(self._accept(request, new_identifier()), 0)

    def enqueue(self, request: InvocationRequest, request_id: str) -> None:
        """Plan the first attempt, as Invoke with `Event` does."""
        action = partial(self._attempt, self._accept(request, request_id), 0)
        self._engine.scheduler.after(timedelta(), action, label=request.destination)

    def _accept(self, request: InvocationRequest, request_id: str) -> _Accepted:
        return _Accepted(request, request_id, self._engine.clock.now())

    def _attempt(self, accepted: _Accepted, attempt: int) -> None:
        request = accepted.request
        self._write(Kind.INVOKED, request)
        try:
            result = self._runtime.invoke(request.function, dict(request.payload), request_id=accepted.id)
        except LambdaClientError as error:
            self._queues.drop(request.destination, request.event, str(error), request.text)
            return
        if result.error is None:
            self._write(Kind.HANDLED, request)
            self._report("OnSuccess", self._outcome(accepted, SUCCESS, attempt + 1, result))
            return
        self._write(Kind.FAILED, request, str(result.error))
        condition = self._exhausted(accepted, attempt, throttled=result.error.type == _THROTTLED)
        if condition is None:
            retry = partial(self._attempt, accepted, attempt + 1)
            self._engine.scheduler.after(_RETRY_DELAYS[attempt], retry, label=request.destination)
        else:
            self._give_up(accepted, self._outcome(accepted, condition, attempt + 1, result))

    def _exhausted(self, accepted: _Accepted, attempt: int, *, throttled: bool) -> str | None:
        """Return the condition that ends the attempts; None if there is another one."""
        config = self._configs.of(accepted.request.function)
        # Offline, only a reserved concurrency of zero throttles; Lambda does not retry then.
        if throttled or attempt >= config.retries:
            return "RetriesExhausted"
        next_at = self._engine.clock.now() + _RETRY_DELAYS[attempt]
        return "EventAgeExceeded" if next_at - accepted.at > config.maximum_age else None

    def _give_up(self, accepted: _Accepted, outcome: InvocationOutcome) -> None:
        request = accepted.request
        function = self._engine.functions.get_function(request.function)
        reached = self._report("OnFailure", outcome)
        if arn := settings_of(function).dead_letter_arn:
            attributes = {
                "RequestID": accepted.id,
                "ErrorCode": "200",
                "ErrorMessage": str(outcome.result.payload["errorMessage"])[:_MAXIMUM_ERROR_CHARACTERS],
            }
            self._record(arn, outcome, self._to.send_event(arn, request, attributes))
            reached = True
        if not reached:
            self._queues.drop(request.destination, request.event, str(outcome.result.error), request.text)

    def _report(self, kind: str, outcome: InvocationOutcome) -> bool:
        """Send the result to the destination for this condition; return whether there is one."""
        arn = self._configs.of(outcome.request.function).destination(kind)
        if arn is None:
            return False
        self._record(arn, outcome, self._to.send(arn, outcome))
        return True

    def _record(self, arn: str, outcome: InvocationOutcome, rejection: str | None) -> None:
        """Record a failed event as dead-lettered, and a rejected record as dropped."""
        request, where = outcome.request, place(arn)
        if rejection is not None:
            reason = f"{where} rejected it: {rejection}"
            self._queues.drop(request.destination, request.event, reason, request.text)
        elif outcome.result.error is not None:
            reason = str(outcome.result.error)
            self._engine.journal.write(
                Kind.DEAD_LETTERED, request.destination, where, request.event, reason=reason
            )
            self._engine.journal.record_undelivered(request.event, where, reason, request.text)

    @property
    def _to(self) -> Destinations:
        if self._destinations is None:
            raise RuntimeError("call use() before the first invocation")
        return self._destinations

    def _outcome(
        self, accepted: _Accepted, condition: str, invoked: int, result: InvocationResult
    ) -> InvocationOutcome:
        name = accepted.request.function
        function, _, qualifier = name.rsplit(":function:", 1)[-1].partition(":")
        arn = self._engine.access.location.arn("lambda", f"function:{function}:{qualifier or LATEST}")
        version = str(self._engine.functions.get_function(name).version)
        return InvocationOutcome(accepted.request, accepted.id, arn, version, condition, invoked, result)

    def _write(self, kind: Kind, request: InvocationRequest, reason: str | None = None) -> None:
        ends = [request.source, request.destination]
        source, destination = ends if kind is Kind.INVOKED else reversed(ends)
        self._engine.journal.write(kind, source, destination, request.event, reason=reason)
