"""cdk.out, written anew if it is missing or older than what it is made from."""

import json
import subprocess
import sys
from pathlib import Path

from pocketcloud.cloudformation.errors import AssemblyError

ROOT = Path(__file__).parents[1]
_SOURCES = ("app.py", "cdk.json", "infrastructure", "functions", "schemas", "requirements/lambda.txt")


def current_assembly() -> Path:
    """The folder of an assembly that is as new as its sources."""
    assembly = ROOT / "cdk.out"
    if _is_stale(assembly / "manifest.json") or not _is_of_our_stage(assembly / "manifest.json"):
        _synthesise()
    return assembly


def _is_stale(manifest: Path) -> bool:
    return not manifest.exists() or manifest.stat().st_mtime < max(map(_modified, _sources()), default=0.0)


def _is_of_our_stage(manifest: Path) -> bool:
    """Whether it is of the stage that cdk.json names; another may have been written there, too."""
    stage = json.loads((ROOT / "cdk.json").read_text())["context"]["stage"]
    return f"orderbus-{stage}-platform" in json.loads(manifest.read_text())["artifacts"]


def _sources() -> list[Path]:
    named = [ROOT / name for name in _SOURCES]
    inside = [path for folder in named if folder.is_dir() for path in folder.rglob("*")]
    return [path for path in (*named, *inside) if path.is_file() and "__pycache__" not in path.parts]


def _modified(path: Path) -> float:
    return path.stat().st_mtime


def _synthesise() -> None:
    command = [sys.executable, str(ROOT / "app.py")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    if done.returncode:
        raise AssemblyError(f"python app.py failed:\n{done.stderr.strip()}")
