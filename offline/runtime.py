"""The Lambda runtime: invokes functions in their sandboxes and keeps what they wrote to their logs."""

import json
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import get_ident
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from offline.calls import AwsCall, AwsCalls, Response, intercepted
from offline.console import CONSOLE
from offline.engine import Engine
from offline.execution import Execution
from offline.invocation import FunctionError, InvocationResult, LambdaContext
from offline.metrics import Metric, Metrics
from offline.sandbox import Sandbox
from offline.sandboxes import Sandboxes

_LOG_LINES = 10_000


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a function wrote, and when."""

    at: datetime
    text: str


class Runtime:
    """The sandboxes of all functions; a new one is cold, and one that crashed or timed out is gone."""

    def __init__(self, engine: Engine, calls: AwsCalls, metrics: Metrics) -> None:
        self._engine = engine
        self._calls = calls
        self.sandboxes = Sandboxes(engine)
        self._metrics = metrics
        self._executions: list[Execution] = []
        self.logs: defaultdict[str, deque[LogLine]] = defaultdict(lambda: deque(maxlen=_LOG_LINES))
        """The last lines each function wrote to standard output or standard error."""

    def invoke(self, name: str, event: object) -> InvocationResult:
        """Run a function on the event; what Lambda would report of it is in the result, never raised.

        The name may be an ARN, and end in a version or an alias.
        """
        function = self._engine.functions.get_function(name)
        request_id = str(mock_random.uuid4())
        # Reserved for all versions of the function together; moto has it on the newest.
        newest = self._engine.functions.get_function(function.function_name)
        if str(newest.reserved_concurrency) == "0":
            self.measure(function.function_name, "Throttles", 1)
            throttled = FunctionError("TooManyRequestsException", "Rate Exceeded.")
            return InvocationResult.failed(throttled, request_id)
        timeout = timedelta(seconds=int(function.timeout))
        execution = Execution(function.function_name, timeout, self._engine.clock)
        context = self._context(function, execution, request_id, invoked=name)
        began = self._engine.clock.now()
        outcome = self._run(function, execution, event, context)
        self._measure_invocation(function.function_name, began, failed=isinstance(outcome, FunctionError))
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
            stack.enter_context(self.sandboxes.bundles())
            stack.enter_context(patch.object(time, "sleep", sleep_virtually))
            stack.enter_context(patch.object(os, "urandom", seeded))
            stack.enter_context(intercepted(self._running, self._make, self._engine.access))
            yield

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the invocation that runs out of the process in the middle of a call, and put it back after.

        Meanwhile another may run, one of the same function included: it has a sandbox of its own.
        """
        execution = self._executions[-1]
        execution.hold.close()
        try:
            yield
        finally:
            execution.hold.enter_context(execution.inside())

    def running(self) -> Execution:
        """The innermost invocation under way."""
        return self._executions[-1]

    def measure(self, function: str, name: str, value: float) -> None:
        """Measure the function as Lambda does.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        """
        self._metrics.put(Metric.of("AWS/Lambda", name, FunctionName=function), value)

    def _measure_invocation(self, function: str, began: datetime, *, failed: bool) -> None:
        self.measure(function, "Invocations", 1)
        self.measure(function, "Errors", failed)
        self.measure(function, "Duration", (self._engine.clock.now() - began) / timedelta(milliseconds=1))

    def _print(self, function: str, line: str) -> None:
        self.logs[function].append(LogLine(self._engine.clock.now(), line))
        self._metrics.put_line(line)

    def _current(self) -> Execution | None:
        """The execution under way on this thread; a server's other threads run no function."""
        execution = self._executions[-1] if self._executions else None
        return execution if execution is not None and execution.thread == get_ident() else None

    def _running(self) -> str | None:
        execution = self._current()
        return execution.function if execution else None

    def _make(self, call: AwsCall, proceed: Callable[[], Response]) -> Response:
        # AWS's clock is right, whatever the sandbox thinks.
        with self._engine.clock.skewed(timedelta()):
            return self._executions[-1].call(lambda: self._calls.make(call, proceed))

    def _run(
        self, function: LambdaFunction, execution: Execution, event: object, context: LambdaContext
    ) -> object | FunctionError:
        sandbox = self.sandboxes.take(function)
        trace = f"Root=1-00000000-{context.aws_request_id.replace('-', '')[:24]};Sampled=0"
        variables = {"_X_AMZN_TRACE_ID": trace}
        execution.inside = partial(self._inside, execution, sandbox, variables, self._log(context))
        with execution.hold:
            execution.hold.enter_context(execution.inside())
            outcome = execution.run(sandbox, event, context)
            if isinstance(outcome, FunctionError):
                self._log_error(outcome, context)
        if not execution.dead:
            self.sandboxes.give_back(function, sandbox)
        return outcome

    def _log_error(self, error: FunctionError, context: LambdaContext) -> None:
        """Log what the function raised, as Lambda's Python runtime does where the log format is JSON.

        https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
        """
        if not error.trace:
            return
        line = {
            "timestamp": self._engine.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
            "log_level": "ERROR",
            **InvocationResult.failed(error, context.aws_request_id).payload,
        }
        self._log(context)(json.dumps(line))

    @contextmanager
    def _inside(
        self,
        execution: Execution,
        sandbox: Sandbox,
        variables: Mapping[str, str],
        take: Callable[[str], None],
    ) -> Iterator[None]:
        """The process belongs to the function: its modules, environment, console and clock."""
        self._executions.append(execution)
        self._engine.running.append(execution.function)
        try:
            with (
                sandbox.entered(variables),
                CONSOLE.captured(take),
                self._engine.clock.skewed(sandbox.skew),
            ):
                yield
        finally:
            self._engine.running.pop()
            self._executions.pop()

    def _log(self, context: LambdaContext) -> Callable[[str], None]:
        """Where the function's lines go: nowhere, in silence, if its role may not write its log."""
        group = self._engine.access.home.arn("logs", f"log-group:{context.log_group_name}")
        # One for all streams of the version and day: no policy tells them apart by their random ends.
        stream = f"{group}:log-stream:{context.log_stream_name.partition(']')[0]}]"
        name, ask = context.function_name, self._engine.access.ask_function
        if ask(name, "logs:CreateLogStream", stream) or ask(name, "logs:PutLogEvents", stream):
            return lambda _line: None
        return partial(self._print, name)

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
