"""Runs `orderbus` in processes forked from one that has loaded it, in a tenth of a new process's time.

`python -m tests.workflow.forked_commands` reads a request per line and writes its exit code.
"""

import atexit
import gc
import json
import os
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NoReturn
from unittest.mock import patch

import boto3
import typer
from botocore.loaders import JSONFileLoader
from msgspec import Struct, to_builtins
from msgspec.json import decode
from typer.testing import CliRunner

COMMANDS = ("dlq", "orders", "replay", "status", "trace")
SERVICES = ("cloudwatch", "cognito-idp", "dynamodb", "events", "lambda", "logs", "sqs", "sts")
"""Services that the commands call most: a new process reads the description of each."""
REJECTED = ("orders", "get", "no-order", "--token", "t", "--url", "http://127.0.0.1:1")
"""A command that imports all of Typer and of the HTTP client, and reaches nothing."""


class Request(Struct):
    """A command line, and the process that it runs in."""

    arguments: list[str]
    environment: dict[str, str]
    folder: str
    """Gets the files `out` and `err`."""


def run_forked(arguments: list[str]) -> tuple[int, str, str]:
    """Run `orderbus` with the environment of this process; return exit code, output and error."""
    process = _server()
    with TemporaryDirectory() as folder:
        request = Request(arguments, dict(os.environ), folder)
        _pipe(process.stdin).write(json.dumps(to_builtins(request)) + "\n")
        _pipe(process.stdin).flush()
        code = int(_pipe(process.stdout).readline())
        out, err = (Path(folder, name).read_text(encoding="utf-8") for name in ("out", "err"))
    return code, out, err


@cache
def _server() -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.workflow.forked_commands"]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(process.communicate)  # closes its input, at which it ends
    return process


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe
    return pipe


def main() -> None:
    """Fork a process for each request until the input ends."""
    _load()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(decode(line, type=Request))
        _, status = os.waitpid(child, 0)
        typer.echo(os.waitstatus_to_exitcode(status))


def _load() -> None:
    """Load what the commands load when they run; the processes share it."""
    for command in COMMANDS:
        import_module(f"cli.{command}.commands")
    CliRunner().invoke(import_module("cli.main").app, REJECTED)
    read = cache(JSONFileLoader().load_file)
    patch.object(JSONFileLoader, "load_file", lambda _, path: read(path)).start()
    session: Any = boto3.Session("offline", "offline", region_name="eu-west-1")
    for service in SERVICES:
        session.client(service)
    gc.freeze()  # or each process visits all of it once more when it ends


def _run(request: Request) -> NoReturn:
    for descriptor, name in ((1, "out"), (2, "err")):
        with Path(request.folder, name).open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.environ.clear()
    os.environ.update(request.environment)
    sys.argv = ["orderbus", *request.arguments]
    import_module("cli.main").main()
    raise SystemExit


if __name__ == "__main__":
    main()
