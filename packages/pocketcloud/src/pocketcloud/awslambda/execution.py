"""One invocation while it runs: alive until it answers, crashes, or the virtual clock passes its timeout."""

import json
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import timedelta
from threading import get_ident

from pocketcloud.awslambda.invocation import FunctionError, LambdaContext
from pocketcloud.awslambda.sandbox import Sandbox
from pocketcloud.core.aws_calls import Crash, Response
from pocketcloud.virtual_time.clock import Clock

_MAXIMUM_PAYLOAD = 6 * 1024 * 1024


class TimedOut(BaseException):
    """Lambda stops the function here; like a crash, nothing in it may catch this by mistake."""


class Execution:
    """A function at work in its sandbox."""

    def __init__(self, function: str, timeout: timedelta, clock: Clock) -> None:
        self.function = function
        self.deadline = clock.now() + timeout
        self.thread = get_ident()
        self.dead = False
        """Whether the sandbox is gone with it."""
        self.inside: Callable[[], AbstractContextManager[None]] = nullcontext
        """What makes the process the function's own."""
        self.hold = ExitStack()
        """Open while it is."""
        self._timeout = timeout
        self._clock = clock

    def run(self, sandbox: Sandbox, event: object, context: LambdaContext) -> object | FunctionError:
        """What the handler answered, as JSON values, or why there is no answer."""
        try:
            handler = sandbox.handler()
        except Exception as error:  # noqa: BLE001 - whatever a module raises at import is its own failure
            self.dead = True
            return _import_error(error)
        try:
            answer = handler(event, context)
            self._check_alive()
            return _marshalled(answer)
        except (Crash, SystemExit):
            self.dead = True
            return FunctionError("Runtime.ExitError", "Runtime exited with error: exit status 1")
        except TimedOut:
            seconds = self._timeout.total_seconds()
            return FunctionError("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")
        except Exception as error:  # noqa: BLE001 - the runtime's boundary: any exception fails the invocation
            return _raised(error)

    def call(self, make: Callable[[], Response]) -> Response:
        """Let the function ask AWS, if it is alive; a crash on the way is its end."""
        self._check_alive()
        try:
            response = make()
        except (Crash, TimedOut):
            self.dead = True
            raise
        self._check_alive()
        return response

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for the function, no further than its deadline."""
        self._clock.move_to(min(self._clock.now() + timedelta(seconds=seconds), self.deadline))
        self._check_alive()

    def _check_alive(self) -> None:
        if self.dead:
            raise Crash("this sandbox is gone already")
        if self._clock.now() >= self.deadline:
            self.dead = True
            raise TimedOut


def _marshalled(answer: object) -> object | FunctionError:
    try:
        text = json.dumps(answer, allow_nan=False)
    except (TypeError, ValueError) as error:
        return FunctionError("Runtime.MarshalError", f"Unable to marshal response: {error}")
    if len(text) > _MAXIMUM_PAYLOAD:
        message = f"Response payload size exceeded maximum allowed payload size ({_MAXIMUM_PAYLOAD} bytes)."
        return FunctionError("Function.ResponseSizeTooLarge", message)
    decoded: object = json.loads(text)
    return decoded


def _import_error(error: Exception) -> FunctionError:
    if isinstance(error, ImportError):
        return FunctionError("Runtime.ImportModuleError", f"Unable to import module: {error}", _trace(error))
    if isinstance(error, AttributeError):
        return FunctionError("Runtime.HandlerNotFound", f"Handler missing: {error}", _trace(error))
    return _raised(error)


def _raised(error: Exception) -> FunctionError:
    return FunctionError(type(error).__name__, str(error), _trace(error))


def _trace(error: Exception) -> tuple[str, ...]:
    return tuple(traceback.format_exception(error))
