"""`scripts/rollback` deploys an earlier commit, with that commit's own environment."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from app import ROOT

MAKEFILE = """setup:
\t@mkdir -p node_modules/.bin .venv/bin
\t@cp recorder node_modules/.bin/cdk
"""
RECORDER = """#!/bin/sh
{ echo "code $(cat code)"; echo "args $*"; echo "path ${PATH%%:*}"; } > "$RECORD"
"""


def run(*command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    author = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com"}
    committer = {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}
    return subprocess.run(
        command,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **author, **committer, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository of two commits, whose setup makes a `cdk` that records how it is called."""
    folder = tmp_path / "repository"
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "rollback", folder / "scripts" / "rollback")
    (folder / "Makefile").write_text(MAKEFILE)
    (folder / "recorder").write_text(RECORDER)
    (folder / "recorder").chmod(0o755)
    (folder / "cdk.json").write_text(json.dumps({"context": {"stages": {"prod": {}}}}))
    run("git", "init", "--quiet", folder=folder)
    for version in ("old", "new"):
        (folder / "code").write_text(version)
        run("git", "add", "--all", folder=folder)
        assert run("git", "commit", "--quiet", "-m", version, folder=folder).returncode == 0
    return folder


def rollback(repository: Path, *arguments: str) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    """Run the script; return its result, and how `cdk` was called."""
    record = repository.parent / "record"
    result = run("scripts/rollback", *arguments, folder=repository, RECORD=str(record))
    return result, record.read_text().splitlines() if record.exists() else []


def test_rollback_deploys_the_old_commit_to_its_stage(repository: Path) -> None:
    result, called = rollback(repository, "prod", "HEAD~1", "--yes", "--", "--concurrency", "6")
    assert result.returncode == 0, result.stderr
    old = run("git", "rev-parse", "HEAD~1", folder=repository).stdout.strip()
    assert called == [
        "code old",
        "args deploy --all -c stage=prod --require-approval never --concurrency 6",
        f"path {repository}/build/rollback/{old}/.venv/bin",
    ]
    assert (repository / "code").read_text() == "new"


def test_rollback_is_repeatable(repository: Path) -> None:
    for _ in range(2):
        result, called = rollback(repository, "prod", "HEAD~1", "--yes")
        assert (result.returncode, called[0]) == (0, "code old"), result.stderr


def test_rollback_changes_nothing_without_yes(repository: Path) -> None:
    result, called = rollback(repository, "prod", "HEAD~1")
    assert (result.returncode, called) == (0, [])
    assert "Nothing was changed" in result.stdout
    assert "without" in result.stdout
    assert not (repository / "build").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("prod",), "Name the stage and the commit"),
        (("prod", "v9"), "no commit v9"),
        (("staging", "HEAD~1", "--yes"), "no stage staging"),
        (("prod", "HEAD~1", "--force"), "Unknown argument --force"),
    ],
)
def test_rollback_is_rejected_with_the_reason(
    repository: Path, arguments: tuple[str, ...], reason: str
) -> None:
    result, called = rollback(repository, *arguments)
    assert (result.returncode, called) == (2, [])
    assert reason in result.stderr
