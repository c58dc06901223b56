"""Run `orderbus` in this process, or in its own at a served cloud."""

import os
import subprocess
import sys

from typer.testing import CliRunner

from cli.main import app
from tests.workflow.forked_commands import run_forked

MAIN = "from cli.main import main; main()"


def orderbus(*arguments: object) -> tuple[int, str, str]:
    """Run in this process; return exit code, standard output and error; raise a defect."""
    result = CliRunner().invoke(app, list(map(str, arguments)))
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def orderbus_unread(*arguments: object) -> tuple[int, str]:
    """Run as in `orderbus … | true`; return exit code and standard error."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-c", MAIN, *map(str, arguments)]
    try:
        done = subprocess.run(
            command, stdout=write, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    finally:
        os.close(write)
    return done.returncode, done.stderr


def orderbus_at(aws_url: str, *arguments: object) -> tuple[int, str, str]:
    """Run in its own process at a served cloud, whose functions redirect this one's output."""
    return run_forked([*map(str, arguments), "--target", "offline", "--endpoint-url", aws_url])
