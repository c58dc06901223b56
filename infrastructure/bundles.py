"""What a Lambda function ships: its own service's code and the kernel; third-party code is in a layer."""

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uv

from infrastructure import topology

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build"
LOCK = ROOT / "requirements" / "lambda.txt"
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
PYTHON = "3.13"
RECIPE = "1"
"""Counted up when `_install` changes, as the lock does not tell how its contents are installed."""


def code(service: str) -> Path:
    """The folder with exactly the Python files that a service's functions may import, and what it ships."""
    wanted = {path.relative_to(ROOT): path.read_bytes() for path in _sources(service)}
    bundle = BUILD / "bundles" / service
    if _contents(bundle) != wanted:
        with _replacement(bundle) as staged:
            for path, text in wanted.items():
                (staged / path).parent.mkdir(parents=True, exist_ok=True)
                (staged / path).write_bytes(text)
    return bundle


def layer(architecture: str = "arm64", python: str = PYTHON) -> Path:
    """The folder with the locked third-party packages, built without Docker, once per lock and target."""
    platform = PLATFORMS[architecture]
    key = hashlib.sha256(b"\0".join((LOCK.read_bytes(), platform.encode(), python.encode(), RECIPE.encode())))
    built = BUILD / "layers" / key.hexdigest()[:16]
    if not built.exists():
        with _replacement(built) as staged:
            _install(staged / "python", platform=platform, python=python)
    return built


def _sources(service: str) -> list[Path]:
    functions = ROOT / "functions"
    own = [path for part in ("shared", "contracts", service) for path in (functions / part).rglob("*.py")]
    shipped = [ROOT / name for each in topology.SERVICES if each.name == service for name in each.ships]
    return [functions / "__init__.py", *own, *shipped]


def _contents(bundle: Path) -> dict[Path, bytes]:
    return {path.relative_to(bundle): path.read_bytes() for path in bundle.rglob("*") if path.is_file()}


def _install(target: Path, *, platform: str, python: str) -> None:
    """Install the lock so that two machines get the same bytes: no scripts, no bytecode, no hard links."""
    subprocess.run(  # noqa: S603 - every argument is a constant or a path of ours
        [
            *(uv.find_uv_bin(), "pip", "install", "--quiet", "--no-progress", "--target", str(target)),
            *("--python-platform", platform, "--python-version", python, "--only-binary", ":all:"),
            *("--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode"),
            *("-r", str(LOCK)),
        ],
        check=True,
    )
    shutil.rmtree(target / "bin", ignore_errors=True)  # scripts whose first line names this machine's Python
    (target / ".lock").unlink(missing_ok=True)


@contextmanager
def _replacement(folder: Path) -> Iterator[Path]:
    """Fill a folder beside the real one, then put it in its place: nobody reads a half-written one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        staged = Path(scratch) / "new"
        staged.mkdir()
        yield staged
        with suppress(FileNotFoundError):
            folder.rename(Path(scratch) / "old")
        try:
            staged.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            # Another process was faster, from the same sources: its copy is as good.
