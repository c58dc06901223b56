"""All sandboxes of all functions: one for each invocation that is under way, kept warm for the next."""

import compileall
import io
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

from moto.awslambda.models import LambdaFunction

from pocketcloud.awslambda.function_environment import environment
from pocketcloud.awslambda.layers import check_layers
from pocketcloud.awslambda.sandbox import Sandbox
from pocketcloud.core.engine import Engine, function_in

_Fingerprint = tuple[object, ...]


def _exact() -> timedelta:
    return timedelta()


class Sandboxes:
    """Hands out a warm sandbox of the function's code and configuration, or a cold one."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._bundles = tempfile.TemporaryDirectory(prefix="orderbus-bundles-")
        self._idle: defaultdict[str, list[tuple[_Fingerprint, Sandbox]]] = defaultdict(list)
        self._checked: set[str] = set()
        self.skew: Callable[[], timedelta] = _exact
        """AccessRequest at every invocation how far the clock of its sandbox is off."""

    def bundles(self) -> AbstractContextManager[str]:
        """Where the code is unpacked; gone when it is closed."""
        return self._bundles

    def take(self, function: LambdaFunction) -> Sandbox:
        """A sandbox for one invocation."""
        fingerprint = _fingerprint(function)
        idle = self._idle[function.function_arn]
        while idle:
            known, sandbox = idle.pop()
            if known == fingerprint:
                break
        else:
            self._check_layers(function)
            bundle = self._unpacked(function)
            sandbox = Sandbox(bundle, str(function.handler), environment(function, bundle))
        sandbox.skew = self.skew()
        return sandbox

    def give_back(self, function: LambdaFunction, sandbox: Sandbox) -> None:
        """Keep the sandbox warm."""
        self._idle[function.function_arn].append((_fingerprint(function), sandbox))

    def drop(self, function_name: str | None = None) -> None:
        """Let go of the function's idle ones, or of all: the next invocation starts cold."""
        for arn in [arn for arn in self._idle if function_name in {None, function_in(arn)}]:
            del self._idle[arn]

    def _check_layers(self, function: LambdaFunction) -> None:
        """A version of a layer never changes: once checked, it is known."""
        unknown = [layer["Arn"] for layer in function.layers if layer["Arn"] not in self._checked]
        check_layers(function.function_name, unknown, self._engine.functions)
        self._checked.update(unknown)

    def _unpacked(self, function: LambdaFunction) -> Path:
        digest = function.code_sha_256.translate(str.maketrans("/+=", "_--"))
        bundle = Path(self._bundles.name) / digest
        if not bundle.exists():
            with zipfile.ZipFile(io.BytesIO(function.code_bytes)) as archive:
                archive.extractall(bundle)
            # A cold start is then an import, as on Lambda, and no compilation.
            compileall.compile_dir(bundle, quiet=2)
        return bundle


def _fingerprint(function: LambdaFunction) -> _Fingerprint:
    """What a sandbox is made of: with any of it changed, it is of no use any more."""
    return (
        function.code_sha_256,
        function.handler,
        str(function.memory_size),
        tuple(layer["Arn"] for layer in function.layers),
        tuple(function.environment_vars.items()),
    )
