"""`orderbus`, typed: in this process, or in one of its own at a served cloud."""

import os
import subprocess
import sys

from typer.testing import CliRunner

from cli.main import app

MAIN = "from cli.main import main; main()"


def orderbus(*arguments: object) -> tuple[int, str, str]:
    """Exit code, standard output and error; a defect is raised as it is."""
    result = CliRunner().invoke(app, list(map(str, arguments)))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def orderbus_unread(*arguments: object) -> tuple[int, str]:
    """Exit code and standard error where nobody reads the standard output, as `orderbus … | true`."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", MAIN, *map(str, arguments)]
    try:
        done = subprocess.run(  # noqa: S603 - our own
            command, stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    finally:
        os.close(write)
    return done.returncode, done.stderr


def orderbus_at(aws_url: str, *arguments: object) -> tuple[int, str, str]:
    """The same at a served cloud, whose functions have the standard output of this process in hand."""
    where = ("--target", "offline", "--endpoint-url", aws_url)
    command = [sys.executable, "-c", MAIN, *map(str, arguments), *where]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - our own
    return done.returncode, done.stdout, done.stderr
