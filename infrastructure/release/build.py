"""Build a release in a folder: an assembly of each stage, the bill of materials, notes and checksums."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from infrastructure.names import Names
from infrastructure.orderbus import ORDERBUS
from infrastructure.packaging.bill_of_materials import bill_of_materials
from infrastructure.release.code import code_of, require_same_code
from infrastructure.release.versions import check_tag

SUMS = "SHA256SUMS"
"""In the format of `sha256sum --check`."""

Synthesis = Callable[[str, Path], None]
"""Write the assembly of a stage to a folder."""


def build(tag: str, target: Path, *, root: Path, synthesise: Synthesis) -> dict[str, str]:
    """Write the release; return the content hash of each function and layer."""
    notes = check_tag(root, tag)
    stages = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]["stages"]
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for stage in stages:
        synthesise(stage, target / stage)
    code = require_same_code({stage: code_of(target / stage, Names(stage)) for stage in stages})
    version = tag.removeprefix("v")
    bill = bill_of_materials(ORDERBUS.bundles.lock.read_text(encoding="utf-8"), version)
    _write_json(target / "sbom.json", bill)
    _write_json(target / "release.json", {"version": version, "commit": _commit(root), "code": code})
    (target / "notes.md").write_text(notes, encoding="utf-8")
    (target / SUMS).write_text(checksums(target), encoding="utf-8")
    return code


def checksums(folder: Path) -> str:
    """Return a line for each file: its SHA-256 and its path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / SUMS)
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files
    )


def _write_json(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _commit(root: Path) -> str:
    """Return the commit's hash, with "-dirty" if the folder has other files than the commit."""
    command = ("git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True)  # noqa: S603 - a constant
    return done.stdout.strip()
