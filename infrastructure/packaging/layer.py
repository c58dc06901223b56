"""The packages of the layer: installed from the lock with the same bytes on every machine, without Docker."""

import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path

import uv

from infrastructure.packaging.botocore_data import keep_services
from infrastructure.packaging.deferred_imports import DEFERRED, defer_imports
from infrastructure.packaging.lazy_package import make_lazy

LAZY = tuple(f"aws_lambda_powertools/utilities/{name}" for name in ("batch", "data_classes", "idempotency"))
"""Packages that import all their modules, of which a function uses few."""


def install(lock: Path, target: Path, *, platform: str, python: str) -> None:
    """Install the lock: no scripts, no bytecode, no hard links."""
    subprocess.run(  # noqa: S603 - every argument is a constant or a path of the application
        [
            *(uv.find_uv_bin(), "pip", "install", "-q", "--no-progress", "--target", str(target)),
            *("--python-platform", platform, "--python-version", python, "--only-binary", ":all:"),
            *("--no-deps", "--require-hashes", "--link-mode", "copy", "--no-compile-bytecode"),
            *("-r", str(lock)),
        ],
        check=True,
    )
    remove_scripts(target)
    (target / ".lock").unlink(missing_ok=True)


def remove_scripts(target: Path) -> None:
    """Remove the scripts, whose first line names this machine's Python, and their hashes."""
    shutil.rmtree(target / "bin", ignore_errors=True)
    for record in target.glob("*.dist-info/RECORD"):
        lines = record.read_text(encoding="utf-8").splitlines(keepends=True)
        record.write_text("".join(line for line in lines if not line.startswith("bin/")), encoding="utf-8")


def shrink(packages: Path, aws_services: Collection[str]) -> None:
    """Remove what no function uses and every cold start would read."""
    if (packages / "botocore").is_dir():
        keep_services(packages / "botocore", aws_services)
    for name in LAZY:
        if (packages / name).is_dir():
            make_lazy(packages / name)
    for file, modules in DEFERRED.items():
        if (packages / file).exists():
            defer_imports(packages / file, modules)
