"""The sandboxes of all functions: one per running invocation, kept warm for the next."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal import mock_random

from pocketcloud.awslambda.bundles import unpacked
from pocketcloud.awslambda.function_environment import environment
from pocketcloud.awslambda.layers import check_layers
from pocketcloud.awslambda.sandbox import Sandbox
from pocketcloud.core.engine import Engine, function_in


def _exact() -> timedelta:
    return timedelta()


class Sandboxes:
    """Provides a warm sandbox for a function's code and configuration, or a cold one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._idle: defaultdict[str, list[Sandbox]] = defaultdict(list)
        self._checked: set[str] = set()
        self.skew: Callable[[], timedelta] = _exact
        """Called at every invocation; returns the deviation of its sandbox's clock."""

    def take(self, function: LambdaFunction) -> Sandbox:
        """Return a sandbox for one invocation."""
        fingerprint = _fingerprint(function)
        idle = self._idle[function.function_arn]
        while idle:
            sandbox = idle.pop()
            if sandbox.fingerprint == fingerprint:
                break
        else:
            self._check_layers(function)
            bundle = unpacked(function.code_sha_256, function.code_bytes)
            sandbox = Sandbox(bundle, str(function.handler), environment(function, bundle))
            sandbox.fingerprint = fingerprint
            day = self._engine.clock.now().strftime("%Y/%m/%d")
            sandbox.log_stream = f"{day}/[{function.version}]{mock_random.getrandbits(128):032x}"
        sandbox.skew = self.skew()
        return sandbox

    def give_back(self, function: LambdaFunction, sandbox: Sandbox) -> None:
        """Keep the sandbox warm."""
        self._idle[function.function_arn].append(sandbox)

    def drop(self, function_name: str | None = None) -> None:
        """Drop the idle sandboxes of a function, or of all functions; the next invocation starts cold."""
        for arn in [arn for arn in self._idle if function_name in {None, function_in(arn)}]:
            del self._idle[arn]

    def _check_layers(self, function: LambdaFunction) -> None:
        """Check layers once; a layer version never changes."""
        unknown = [layer["Arn"] for layer in function.layers if layer["Arn"] not in self._checked]
        check_layers(function.function_name, unknown, self._engine.functions)
        self._checked.update(unknown)


def _fingerprint(function: LambdaFunction) -> tuple[object, ...]:
    """Return the properties of a function that a warm sandbox depends on."""
    return (
        function.code_sha_256,
        function.handler,
        str(function.memory_size),
        tuple(layer["Arn"] for layer in function.layers),
        tuple(function.environment_vars.items()),
    )
