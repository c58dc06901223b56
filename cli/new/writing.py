"""Write files to a checkout: all of them, or none."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode

GENERATED = ("schemas/readers.json", "tests/infrastructure/frozen_logical_ids.json", "docs/flow.svg")
"""Committed files that are generated from the topology and the code."""
GENERATORS = ("contract_files", "tests.infrastructure.topology.frozen", "infrastructure.flow_diagram")


def formatted(root: Path, contents: Mapping[str, str]) -> dict[str, str]:
    """Return the contents as ruff formats them; nothing is written to the checkout."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _put(folder, contents)
        ruff = ("ruff", "--config", str(root / "pyproject.toml"))
        _run(root, *ruff, "check", "--quiet", "--select", "I", "--fix", name)
        _run(root, *ruff, "format", "--quiet", name)
        return {path: (folder / path).read_text(encoding="utf-8") for path in contents}


def write(root: Path, contents: Mapping[str, str]) -> None:
    """Write the files and generate the committed ones; restore everything after an error."""
    with _restored_after_error(root, [*contents, *GENERATED]):
        _put(root, contents)
        for module in GENERATORS:
            _run(root, module)


@contextmanager
def _restored_after_error(root: Path, paths: list[str]) -> Iterator[None]:
    before = {path: (root / path).read_bytes() for path in paths if (root / path).exists()}
    absent = [parent for path in paths for parent in (root / path).parents if not parent.exists()]
    try:
        yield
    except BaseException:
        for path in paths:
            if path in before:
                (root / path).write_bytes(before[path])
            else:
                (root / path).unlink(missing_ok=True)
        for folder in sorted({*absent}, reverse=True):
            _remove(folder)
        raise


def _remove(folder: Path) -> None:
    """Remove a folder that was created here, with the bytecode that a generator left in it."""
    if folder.exists():
        for file in sorted(folder.rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
        folder.rmdir()


def _put(folder: Path, contents: Mapping[str, str]) -> None:
    """Write each file beside its place, then move all of them there."""
    pending = {folder / f"{path}.new": folder / path for path in contents}
    try:
        for (temporary, _), text in zip(pending.items(), contents.values(), strict=True):
            temporary.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, encoding="utf-8")
        for temporary, path in pending.items():
            temporary.replace(path)
    finally:
        for temporary in pending:
            temporary.unlink(missing_ok=True)


def _run(root: Path, *module: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(  # noqa: S603 - our own modules
        [sys.executable, "-m", *module],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        output = done.stderr.strip() or done.stdout.strip()
        raise CommandError(
            f"python -m {module[0]} failed, and nothing was written:\n{output}",
            hint="Run `make setup`, and read the error above.",
            code=ExitCode.NOT_SYNTHESISED,
        )
