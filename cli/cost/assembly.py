"""The assembly of any stage of cdk.json: `cdk.out`, or a temporary one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.core.checkout import ROOT
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.synthesis import current_assembly
from pocketcloud.cloudformation.errors import AssemblyError

_SYNTHESISE = """\
import sys
from pathlib import Path
from app import synthesise
synthesise(Path(sys.argv[1]), stage=sys.argv[2])
"""


@contextmanager
def assembly_of(stage: str) -> Iterator[Path]:
    """Yield the folder with the stage's templates; CommandError if there is no such stage."""
    if stage not in (names := stage_names()):
        raise CommandError(
            f"cdk.json has no stage {stage!r}.",
            hint=f"Use one of {', '.join(names)}, or add it to cdk.json.",
            code=ExitCode.USAGE,
        )
    if stage == _context()["stage"]:
        yield _current()
        return
    with TemporaryDirectory(prefix="orderbus-") as folder:
        _synthesise(Path(folder), stage)
        yield Path(folder)


def stage_names() -> list[str]:
    """Return the stages of cdk.json."""
    return list(_context()["stages"])


def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context


def _current() -> Path:
    try:
        return current_assembly()
    except AssemblyError as error:
        raise _not_synthesised(str(error)) from error


def _synthesise(folder: Path, stage: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_")}
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", _SYNTHESISE, str(folder), stage],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise _not_synthesised(done.stderr.strip() or f"the process ended with {done.returncode}")


def _not_synthesised(reason: str) -> CommandError:
    return CommandError(
        f"The stage cannot be synthesized: {reason.splitlines()[-1]}",
        hint="Run `make synth`, and fix the error that it prints.",
        code=ExitCode.NOT_SYNTHESISED,
    )
