"""The assembly of any stage of cdk.json: `cdk.out`, or a temporary one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from cli.core.checkout import ROOT
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.demo.synthesis import current_assembly, synthesise
from pocketcloud.cloudformation.errors import AssemblyError


@contextmanager
def assembly_of(stage: str) -> Iterator[Path]:
    """Yield the folder with the stage's templates; CommandError if there is no such stage."""
    if stage not in (names := stage_names()):
        raise CommandError(
            f"cdk.json has no stage {stage!r}.",
            hint=f"Use one of {', '.join(names)}, or add it to cdk.json.",
            code=ExitCode.USAGE,
        )
    if _context()["stages"][stage].get("bridges"):
        raise CommandError(
            f"The stage {stage!r} has bridges to other brokers: no prices are known here.",
            hint="Set bridges to {} in cdk.json, and add the cost in docs/neighbours of each.",
            code=ExitCode.USAGE,
        )
    with TemporaryDirectory(prefix="orderbus-") as folder:
        yield _synthesised(stage, Path(folder))


def stage_names() -> list[str]:
    """Return the stages of cdk.json."""
    return list(_context()["stages"])


def _context() -> dict[str, Any]:
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context


def _synthesised(stage: str, folder: Path) -> Path:
    """Return `cdk.out` if it is of the stage; synthesize the stage in the folder otherwise."""
    try:
        if stage == _context()["stage"]:
            return current_assembly()
        synthesise(folder, stage=stage)
    except AssemblyError as error:
        raise CommandError(
            f"The stage cannot be synthesized: {str(error).splitlines()[-1]}",
            hint="Run `make synth`, and fix the error that it prints.",
            code=ExitCode.NOT_SYNTHESISED,
        ) from error
    return folder
