"""One running invocation: it ends when it returns, crashes or exceeds its timeout on the virtual clock."""

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
    """Stop the function at its timeout; like a crash, it does not derive from `Exception`."""


class Execution:
    """A function running in its sandbox."""

    def __init__(self, function: str, timeout: timedelta, clock: Clock) -> None:
        self.function = function
        self.deadline = clock.now() + timeout
        self.thread = get_ident()
        self.dead = False
        """Whether the sandbox is gone."""
        self.inside: Callable[[], AbstractContextManager[None]] = nullcontext
        """Enters the function's environment in the process."""
        self.hold = ExitStack()
        """Open while the process runs in the function's environment."""
        self._timeout = timeout
        self._clock = clock

    def run(self, sandbox: Sandbox, event: object, context: LambdaContext) -> object | FunctionError:
        """Run the handler; return its JSON result or the error."""
        try:
            handler = sandbox.handler()
        except Exception as error:  # noqa: BLE001 - any exception at import fails the invocation
            self.dead = True
            return _import_error(error)
        try:
            returned = handler(event, context)
            self._check_alive()
            return _marshalled(returned)
        except (Crash, SystemExit):
            self.dead = True
            return FunctionError("Runtime.ExitError", "Runtime exited with error: exit status 1")
        except TimedOut:
            seconds = self._timeout.total_seconds()
            return FunctionError("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")
        except Exception as error:  # noqa: BLE001 - any exception fails the invocation
            return _raised(error)

    def call(self, make: Callable[[], Response]) -> Response:
        """Make an AWS call of the function; a crash ends its sandbox."""
        self._check_alive()
        try:
            response = make()
        except (Crash, TimedOut):
            self.dead = True
            raise
        self._check_alive()
        return response

    def sleep(self, seconds: float) -> None:
        """Advance the virtual clock for the function, up to its deadline."""
        self._clock.move_to(min(self._clock.now() + timedelta(seconds=seconds), self.deadline))
        self._check_alive()

    def _check_alive(self) -> None:
        if self.dead:
            raise Crash("this sandbox is gone")
        if self._clock.now() >= self.deadline:
            self.dead = True
            raise TimedOut


def _marshalled(returned: object) -> object | FunctionError:
    try:
        text = json.dumps(returned, allow_nan=False)
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
