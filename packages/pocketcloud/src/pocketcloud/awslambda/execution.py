"""One running invocation: it ends when it returns, crashes or exceeds its timeout on the virtual clock."""

import json
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from ctypes import c_ulong, py_object, pythonapi
from datetime import timedelta
from threading import Lock, get_ident

from pocketcloud.awslambda.invocation import FunctionError
from pocketcloud.awslambda.lambda_context import LambdaContext
from pocketcloud.awslambda.sandbox import Handler, Sandbox
from pocketcloud.core.aws_calls import Crash, Response
from pocketcloud.virtual_time.clock import Clock

_MAXIMUM_PAYLOAD = 6 * 1024 * 1024
_MANY_READS = 50_000
"""The reads of the clock in one invocation from which each takes time: the function waits by reading it."""
_READS_OF_A_CALL = 50
_TIME_OF_A_READ = timedelta(milliseconds=1)


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
        self.timeout = timeout
        self._clock = clock
        self._reads = 0
        self._is_calling = False
        self._is_in_handler = False
        self._stopping = Lock()

    def run(self, sandbox: Sandbox, event: object, context: LambdaContext) -> object | FunctionError:
        """Run the handler; return its JSON result or the error."""
        try:
            handler = sandbox.handler()
        except Exception as error:  # noqa: BLE001 - any exception at import fails the invocation
            self.dead = True
            return _import_error(error)
        try:
            returned = self._handled(handler, event, context)
            self._check_alive()
            return _marshalled(returned)
        except (Crash, SystemExit):
            self.dead = True
            return FunctionError("Runtime.ExitError", "Runtime exited with error: exit status 1")
        except TimedOut:
            seconds = self.timeout.total_seconds()
            return FunctionError("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds")
        except Exception as error:  # noqa: BLE001 - any exception fails the invocation
            return _raised(error)

    def _handled(self, handler: Handler, event: object, context: LambdaContext) -> object:
        self._is_in_handler = True
        try:
            return handler(event, context)
        finally:
            with self._stopping:
                self._is_in_handler = False

    def stop(self) -> None:
        """Raise TimedOut in the handler, from another thread; an AWS call is completed first."""
        with self._stopping:
            if self._is_in_handler and not self._is_calling:
                self.dead = True
                self._clock.move_to(self.deadline)
                pythonapi.PyThreadState_SetAsyncExc(c_ulong(self.thread), py_object(TimedOut))

    def call(self, make: Callable[[], Response]) -> Response:
        """Make an AWS call of the function; a crash ends its sandbox."""
        self._check_alive()
        self._count_reads(_READS_OF_A_CALL)
        with self._stopping:
            self._is_calling = True
        try:
            response = make()
        except (Crash, TimedOut):
            self.dead = True
            raise
        finally:
            self._is_calling = False
        self._check_alive()
        return response

    def on_read(self) -> None:
        """Let time pass for a function that reads the clock again and again until it has."""
        if not self._is_calling and get_ident() == self.thread:
            self._count_reads(1)

    def _count_reads(self, count: int) -> None:
        self._reads += count
        if self._reads > _MANY_READS:
            self.sleep(_TIME_OF_A_READ.total_seconds())

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
