"""The Lambda runtime: invoke functions in their sandboxes and keep their logs."""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from threading import get_ident
from unittest.mock import patch

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from pocketcloud.awslambda.alias_routing import routed_function
from pocketcloud.awslambda.console import CONSOLE
from pocketcloud.awslambda.execution import Execution
from pocketcloud.awslambda.function_log import MAXIMUM_LINES, FunctionLog
from pocketcloud.awslambda.function_settings import settings_of
from pocketcloud.awslambda.invocation import FunctionError, InvocationResult
from pocketcloud.awslambda.lambda_context import ClientContext, LambdaContext
from pocketcloud.awslambda.log_groups import ensure_log_group
from pocketcloud.awslambda.platform_log import InvocationLog
from pocketcloud.awslambda.sandbox import Sandbox
from pocketcloud.awslambda.sandboxes import Sandboxes
from pocketcloud.cloudwatch.metrics import Metric, Metrics
from pocketcloud.core.aws_calls import AwsCall, AwsCalls, Response, intercept_calls
from pocketcloud.core.engine import Engine
from pocketcloud.core.identifiers import new_identifier

_Write = Callable[[str], None]
_WritePlatform = Callable[[Iterable[str]], None]


class Runtime:
    """Invokes functions; a crash or a timeout ends the sandbox."""

    def __init__(
        self, engine: Engine, calls: AwsCalls, metrics: Metrics, log_limit: int | None = None
    ) -> None:
        self._engine = engine
        self._calls = calls
        self.sandboxes = Sandboxes(engine)
        self._metrics = metrics
        self._executions: list[Execution] = []
        make_log = partial(FunctionLog, MAXIMUM_LINES if log_limit is None else log_limit)
        self.logs: defaultdict[str, FunctionLog] = defaultdict(make_log)
        """The last lines of each function."""

    def invoke(
        self,
        name: str,
        event: object,
        *,
        request_id: str | None = None,
        client_context: ClientContext | None = None,
    ) -> InvocationResult:
        """Invoke a function by name or ARN, optionally with a qualifier; return errors in the result."""
        function = routed_function(self._engine.functions, name, self._engine.scheduler.random)
        request_id = request_id or new_identifier()
        # Reserved concurrency applies to all versions; moto stores it on the newest.
        newest = self._engine.functions.get_function(function.function_name)
        if str(newest.reserved_concurrency) == "0":
            self.measure(function.function_name, "Throttles", 1)
            throttled = FunctionError("TooManyRequestsException", "Rate Exceeded.")
            return InvocationResult.failed(throttled, request_id)
        timeout = timedelta(seconds=int(function.timeout))
        execution = Execution(function.function_name, timeout, self._engine.clock)
        sandbox = self.sandboxes.take(function)
        context = self._context(function, execution, request_id, invoked=name, stream=sandbox.log_stream)
        if client_context is not None:
            context = replace(context, client_context=client_context)
        began = self._engine.clock.now()
        result = self._run(function, execution, sandbox, event, context)
        self._measure_invocation(function, name, began, failed=result.error is not None)
        return result

    @contextmanager
    def activate(self) -> Iterator[None]:
        """Intercept functions' AWS calls, make their sleep virtual and seed their randomness."""
        sleep, urandom = time.sleep, os.urandom

        def sleep_virtually(seconds: float) -> None:
            execution = self._current()
            (execution.sleep if execution else sleep)(seconds)

        def seeded(size: int) -> bytes:
            return mock_random.randbytes(size) if self._current() else urandom(size)

        with ExitStack() as stack:
            stack.enter_context(patch.object(time, "sleep", sleep_virtually))
            stack.enter_context(patch.object(os, "urandom", seeded))
            engine = self._engine
            stack.enter_context(intercept_calls(self._running, self._make, engine.access, engine.stubs))
            yield

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Suspend the running invocation inside the block.

        Other invocations can run in it, even of the same function: each has its own sandbox.
        """
        execution = self._executions[-1]
        execution.hold.close()
        try:
            yield
        finally:
            execution.hold.enter_context(execution.inside())

    def running(self) -> Execution:
        """Return the innermost running invocation."""
        return self._executions[-1]

    def innermost(self) -> Execution | None:
        """Return the innermost running invocation; None if no function runs."""
        return next(reversed(self._executions), None)

    def measure(self, function: str, name: str, value: float) -> None:
        """Record a metric of the function.

        https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
        """
        self._metrics.put(Metric.of("AWS/Lambda", name, FunctionName=function), value)

    def _measure_invocation(
        self, function: LambdaFunction, invoked: str, began: datetime, *, failed: bool
    ) -> None:
        name = function.function_name
        self.measure(name, "Invocations", 1)
        self.measure(name, "Errors", failed)
        self.measure(name, "Duration", (self._engine.clock.now() - began) / timedelta(milliseconds=1))
        alias = invoked.rsplit(":function:", 1)[-1].partition(":")[2]
        if failed and alias and not alias.isdigit() and alias != "$LATEST":
            # Errors alone, and none of zero: a missing value and zero fire the same alarms.
            dimensions = {
                "FunctionName": name,
                "Resource": f"{name}:{alias}",
                "ExecutedVersion": str(function.version),
            }
            self._metrics.put(Metric.of("AWS/Lambda", "Errors", **dimensions), 1)

    def _print(self, function: str, stream: str, kept: list[str], line: str) -> None:
        kept.append(line)
        self.logs[function].print(self._engine.clock.now(), line, stream)
        self._metrics.put_line(line)

    def _current(self) -> Execution | None:
        """Return the running execution of this thread; a server's other threads run no functions."""
        execution = self.innermost()
        return execution if execution is not None and execution.thread == get_ident() else None

    def _running(self) -> str | None:
        execution = self._current()
        return execution.function if execution else None

    def _make(self, call: AwsCall, proceed: Callable[[], Response]) -> Response:
        # AWS's clock is correct even if the sandbox's is skewed.
        make = partial(self._calls.make, call, proceed)
        if self._engine.clock.is_exact:
            return self._executions[-1].call(make)
        with self._engine.clock.skewed(timedelta()):
            return self._executions[-1].call(make)

    def _run(
        self,
        function: LambdaFunction,
        execution: Execution,
        sandbox: Sandbox,
        event: object,
        context: LambdaContext,
    ) -> InvocationResult:
        trace = f"Root=1-00000000-{context.aws_request_id.replace('-', '')[:24]};Sampled=0"
        variables = {"_X_AMZN_TRACE_ID": trace}
        lines: list[str] = []
        write, platform = self._log(function, context, lines)
        log = self._invocation_log(function, context)
        platform([log.start()])
        execution.inside = partial(self._inside, execution, sandbox, variables, write)
        with execution.hold:
            execution.hold.enter_context(execution.inside())
            outcome = execution.run(sandbox, event, context)
            error = outcome if isinstance(outcome, FunctionError) else None
            if error and (line := log.error(self._engine.clock.now(), error)):
                write(line)
        platform(log.end(self._engine.clock.now(), error))
        if not execution.dead:
            self.sandboxes.give_back(function, sandbox)
        version = context.function_version
        if error is not None:
            failed = InvocationResult.failed(error, context.aws_request_id)
            return replace(failed, version=version, lines=lines)
        return InvocationResult(outcome, None, version, lines)

    def _invocation_log(self, function: LambdaFunction, context: LambdaContext) -> InvocationLog:
        return InvocationLog(
            context.aws_request_id,
            context.function_version,
            context.memory_limit_in_mb,
            self._engine.clock.now(),
            settings_of(function).logs_json,
        )

    @contextmanager
    def _inside(
        self,
        execution: Execution,
        sandbox: Sandbox,
        variables: Mapping[str, str],
        take: Callable[[str], None],
    ) -> Iterator[None]:
        """Give the process the function's modules, environment, console and clock."""
        self._executions.append(execution)
        self._engine.running.append(execution.function)
        clock = self._engine.clock
        on_read, clock.on_read = clock.on_read, execution.on_read
        sandbox.enter(variables)
        CONSOLE.capture(take)
        try:
            if not sandbox.skew:
                yield
                return
            with clock.skewed(sandbox.skew):
                yield
        finally:
            CONSOLE.release()
            sandbox.leave()
            clock.on_read = on_read
            self._engine.running.pop()
            self._executions.pop()

    def _log(
        self, function: LambdaFunction, context: LambdaContext, kept: list[str]
    ) -> tuple[_Write, _WritePlatform]:
        """Return the receivers of the function's lines and of Lambda's own; they append them to `kept`, too.

        They drop the lines if the role may not write logs.
        """
        if not self._may_log(context):
            return (lambda _line: None), (lambda _lines: None)
        name, stream = context.function_name, context.log_stream_name
        ensure_log_group(self._engine, name, context.log_group_name)
        write = partial(self._print, name, stream, kept)
        if not settings_of(function).logs_platform:
            return write, (lambda _lines: None)
        return write, partial(self._print_platform, name, stream, kept)

    def _print_platform(self, function: str, stream: str, kept: list[str], lines: Iterable[str]) -> None:
        log, now = self.logs[function], self._engine.clock.now()
        for line in lines:
            kept.append(line)
            log.add_platform_line(now, line, stream)

    def _may_log(self, context: LambdaContext) -> bool:
        group = self._engine.access.location.arn("logs", f"log-group:{context.log_group_name}")
        # Omit the random part of the stream's name: no policy refers to it.
        stream = f"{group}:log-stream:{context.log_stream_name.partition(']')[0]}]"
        name, ask = context.function_name, self._engine.access.authorize_function
        return not (ask(name, "logs:CreateLogStream", stream) or ask(name, "logs:PutLogEvents", stream))

    def _context(
        self, function: LambdaFunction, execution: Execution, request_id: str, *, invoked: str, stream: str
    ) -> LambdaContext:
        return LambdaContext(
            function_name=function.function_name,
            invoked_function_arn=invoked if invoked.startswith("arn:") else _arn(function, invoked),
            function_version=str(function.version),
            aws_request_id=request_id,
            memory_limit_in_mb=str(function.memory_size),
            log_stream_name=stream,
            deadline=execution.deadline,
            now=self._engine.clock.now,
        )


def _arn(function: LambdaFunction, invoked: str) -> str:
    """Return the invoked ARN, with the alias rather than its version."""
    return f"{function.function_arn.rsplit(':function:', 1)[0]}:function:{invoked}"
