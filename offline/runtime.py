"""The Lambda runtime: invokes functions in their sandboxes and keeps what they wrote to their logs."""

import io
import os
import tempfile
import time
import zipfile
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from threading import get_ident
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from offline.calls import AwsCall, AwsCalls, Response, intercepted
from offline.console import CONSOLE
from offline.engine import Engine
from offline.execution import Execution
from offline.function_environment import environment
from offline.invocation import FunctionError, InvocationResult, LambdaContext
from offline.layers import check_layers
from offline.sandbox import Sandbox

_LOG_LINES = 10_000


class Runtime:
    """The sandboxes of all functions; a new one is cold, and one that crashed or timed out is gone."""

    def __init__(self, engine: Engine, calls: AwsCalls) -> None:
        self._engine = engine
        self._calls = calls
        self._bundles = tempfile.TemporaryDirectory(prefix="orderbus-bundles-")
        self._sandboxes: dict[str, tuple[object, Sandbox]] = {}
        self._executions: list[Execution] = []
        self.logs: defaultdict[str, deque[str]] = defaultdict(lambda: deque(maxlen=_LOG_LINES))
        """The last lines each function wrote to standard output or standard error."""

    def invoke(self, name: str, event: object) -> InvocationResult:
        """Run a function on the event; what Lambda would report of it is in the result, never raised.

        The name may be an ARN, and end in a version or an alias.
        """
        function = self._engine.functions.get_function(name)
        request_id = str(mock_random.uuid4())
        if str(function.reserved_concurrency) == "0":
            throttled = FunctionError("TooManyRequestsException", "Rate Exceeded.")
            return InvocationResult.failed(throttled, request_id)
        timeout = timedelta(seconds=int(function.timeout))
        execution = Execution(function.function_name, timeout, self._engine.clock)
        context = self._context(function, execution, request_id, invoked=name)
        outcome = self._run(function, execution, event, context)
        if isinstance(outcome, FunctionError):
            return InvocationResult.failed(outcome, request_id)
        return InvocationResult(outcome)

    @contextmanager
    def in_control(self) -> Iterator[None]:
        """While open: a running function's AWS calls are counted, its sleep is virtual, its chance seeded."""
        sleep, urandom = time.sleep, os.urandom

        def sleep_virtually(seconds: float) -> None:
            execution = self._current()
            (execution.sleep if execution else sleep)(seconds)

        def seeded(size: int) -> bytes:
            return mock_random.randbytes(size) if self._current() else urandom(size)

        with ExitStack() as stack:
            stack.enter_context(self._bundles)
            stack.enter_context(patch.object(time, "sleep", sleep_virtually))
            stack.enter_context(patch.object(os, "urandom", seeded))
            stack.enter_context(intercepted(self._running, self._make))
            yield

    def _current(self) -> Execution | None:
        """The execution under way on this thread; a server's other threads run no function."""
        execution = self._executions[-1] if self._executions else None
        return execution if execution is not None and execution.thread == get_ident() else None

    def _running(self) -> str | None:
        execution = self._current()
        return execution.function if execution else None

    def _make(self, call: AwsCall, proceed: Callable[[], Response]) -> Response:
        return self._executions[-1].call(lambda: self._calls.make(call, proceed))

    def _run(
        self, function: LambdaFunction, execution: Execution, event: object, context: LambdaContext
    ) -> object | FunctionError:
        name = execution.function
        sandbox = self._sandbox(function)
        trace = f"Root=1-00000000-{context.aws_request_id.replace('-', '')[:24]};Sampled=0"
        self._executions.append(execution)
        self._engine.running.append(name)
        try:
            with sandbox.entered({"_X_AMZN_TRACE_ID": trace}), CONSOLE.captured(self.logs[name].append):
                return execution.run(sandbox, event, context)
        finally:
            self._engine.running.pop()
            self._executions.pop()
            if execution.dead:
                self._sandboxes.pop(function.function_arn, None)

    def _sandbox(self, function: LambdaFunction) -> Sandbox:
        """The function's warm sandbox, or a cold one if its code or configuration is new."""
        layers = [layer["Arn"] for layer in function.layers]
        fingerprint = (
            function.code_sha_256,
            function.handler,
            str(function.memory_size),
            tuple(layers),
            tuple(function.environment_vars.items()),
        )
        known = self._sandboxes.get(function.function_arn)
        if known is not None and known[0] == fingerprint:
            return known[1]
        check_layers(function.function_name, layers, self._engine.functions)
        bundle = self._unpacked(function)
        sandbox = Sandbox(bundle, str(function.handler), environment(function, bundle))
        self._sandboxes[function.function_arn] = (fingerprint, sandbox)
        return sandbox

    def _unpacked(self, function: LambdaFunction) -> Path:
        digest = function.code_sha_256.translate(str.maketrans("/+=", "_--"))
        bundle = Path(self._bundles.name) / digest
        if not bundle.exists():
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(bundle)
        return bundle

    def _context(
        self, function: LambdaFunction, execution: Execution, request_id: str, *, invoked: str
    ) -> LambdaContext:
        day = self._engine.clock.now().strftime("%Y/%m/%d")
        return LambdaContext(
            function_name=function.function_name,
            invoked_function_arn=invoked if invoked.startswith("arn:") else _arn(function, invoked),
            function_version=str(function.version),
            aws_request_id=request_id,
            memory_limit_in_mb=str(function.memory_size),
            log_stream_name=f"{day}/[{function.version}]{request_id.replace('-', '')}",
            deadline=execution.deadline,
            now=self._engine.clock.now,
        )


def _arn(function: LambdaFunction, invoked: str) -> str:
    """The ARN that was asked for: an alias stays an alias, whatever version it names."""
    return f"{function.function_arn.rsplit(':function:', 1)[0]}:function:{invoked}"
