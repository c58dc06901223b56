"""Synthesize cdk.out if it is missing, older than its sources, or of another stage."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from cli.core.checkout import ROOT, is_installed
from pocketcloud.cloudformation.errors import AssemblyError

_SOURCES = ("app.py", "cdk.json", "infrastructure", "functions", "schemas", "requirements/lambda.txt")


def assembly_folder() -> Path:
    """Return the `cdk.out` of the checkout; of the working folder, if Orderbus is installed."""
    return (Path.cwd() if is_installed(ROOT) else ROOT) / "cdk.out"


def current_assembly() -> Path:
    """Return the assembly's folder; synthesize it if it is missing or older than its sources."""
    assembly = assembly_folder()
    stage = _configured_stage()
    if _is_stale(assembly / "manifest.json") or not _is_of_stage(assembly / "manifest.json", stage):
        synthesise(assembly)
    return assembly


def _is_stale(manifest: Path) -> bool:
    return not manifest.exists() or manifest.stat().st_mtime < max(map(_modified, _sources()), default=0.0)


def _is_of_stage(manifest: Path, stage: str) -> bool:
    """Whether it is of the stage that cdk.json names; another may have been written there, too."""
    try:
        return f"orderbus-{stage}-platform" in json.loads(manifest.read_text(encoding="utf-8"))["artifacts"]
    except (OSError, ValueError, LookupError, TypeError):
        return False  # it is written again


def _configured_stage() -> str:
    settings = ROOT / "cdk.json"
    try:
        stage = json.loads(settings.read_text(encoding="utf-8"))["context"]["stage"]
    except OSError as error:
        raise AssemblyError(f"{settings} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise AssemblyError(f"{settings} is not JSON: {error}") from error
    except (LookupError, TypeError) as error:
        raise AssemblyError(f"{settings} names no stage in context.stage") from error
    return str(stage)


def _sources() -> list[Path]:
    named = [ROOT / name for name in _SOURCES]
    inside = [path for folder in named if folder.is_dir() for path in folder.rglob("*")]
    return [path for path in (*named, *inside) if path.is_file() and "__pycache__" not in path.parts]


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def synthesise(assembly: Path, *, stage: str | None = None) -> None:
    """Write the assembly of a stage, by default the one that cdk.json names; AssemblyError if that fails."""
    if find_spec("aws_cdk") is None:
        raise AssemblyError("aws-cdk-lib is not installed; run: pip install 'orderbus[cdk]'")
    command = [sys.executable, str(ROOT / "app.py")]
    # The CDK command line's own variables would send the templates elsewhere, or change their settings.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDK_")}
    environment["CDK_OUTDIR"] = str(assembly)
    # Nothing here deploys to an account: production may lack its gateway and its addresses, and the CDK
    # need not validate the templates, which takes half of the time; `cdk deploy` writes its own.
    environment["CDK_VALIDATION"] = "false"
    chosen = {"allow_unfinished": "all", **({"stage": stage} if stage else {})}
    environment["CDK_CONTEXT_JSON"] = json.dumps(chosen)
    done = subprocess.run(  # noqa: S603 - our own script
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise AssemblyError(f"python app.py failed:\n{done.stderr.strip()}")
