"""The schemas of the working tree and of earlier releases, from git."""

import io
import json
import re
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.schema.compatibility.verdict import Node

RELEASE_TAGS = "v[0-9]*"
MAIN_BRANCHES = ("origin/main", "main")
SHOWN_DIGITS = 12
"""Of a commit's hash."""
_SCHEMA = re.compile(r"(?:(?P<owner>[a-z_]+)/)?(?P<event>[A-Z][A-Za-z0-9]*)\.v(?P<version>[0-9]+)\.json")


@dataclass(frozen=True, slots=True, order=True)
class SchemaName:
    """One version of an event's schema; the envelope has no owner."""

    owner: str
    event: str
    version: int

    def __str__(self) -> str:
        return f"{self.owner}/{self.file}".removeprefix("/").removesuffix(".json")

    @property
    def file(self) -> str:
        """The file's name."""
        return f"{self.event}.v{self.version}.json"


@dataclass(frozen=True, slots=True)
class Release:
    """The schemas of a commit."""

    ref: str
    schemas: Mapping[SchemaName, Node]


def schemas_in(folder: Path) -> dict[SchemaName, Node]:
    """Return the schemas of the working tree.

    Raises:
        CommandError: a schema is no JSON.
    """
    texts = {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in folder.rglob("*.json")
    }
    return _parsed(texts, "the working tree")


def releases_until(root: Path, ref: str) -> list[Release]:
    """Return the commit, preceded by the releases that it descends from, the oldest first."""
    commit = _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if commit is None:
        raise CommandError(
            f"git does not know {ref}.", hint="Name a commit, a tag or a branch.", code=ExitCode.USAGE
        )
    tags = _git(root, "tag", "--merged", commit, "--list", RELEASE_TAGS, "--sort=creatordate") or ""
    names = [tag for tag in tags.split() if tag != ref]
    return [Release(name, _schemas_at(root, name)) for name in [*names, ref]]


def last_release(root: Path) -> str:
    """Return the last release tag; without one, where the branch left main; on main, the commit before.

    Raises:
        CommandError: this is no git checkout, or it has no earlier commit.
    """
    head = _git(root, "rev-parse", "--verify", "--quiet", "HEAD")
    tag = _git(root, "describe", "--tags", "--abbrev=0", f"--match={RELEASE_TAGS}")
    bases = [_git(root, "merge-base", "HEAD", branch) for branch in MAIN_BRANCHES]
    before = _git(root, "rev-parse", "--verify", "--quiet", "HEAD^")
    found = [tag] if tag else [base[:SHOWN_DIGITS] for base in (*bases, before) if base and base != head]
    if not found:
        raise CommandError(
            f"{root} has no earlier commit to compare with.",
            hint="Run it in a git checkout with its history, or name a commit with --against.",
            code=ExitCode.USAGE,
        )
    return found[0]


def _schemas_at(root: Path, ref: str) -> dict[SchemaName, Node]:
    archive = _git_bytes(root, "archive", "--format=tar", ref, "schemas")
    if archive is None:
        return {}
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member)
            if content is not None:
                texts[member.name.removeprefix("schemas/")] = content.read().decode()
    return _parsed(texts, ref)


def _parsed(texts: Mapping[str, str], where: str) -> dict[SchemaName, Node]:
    found: dict[SchemaName, Node] = {}
    for path, text in sorted(texts.items()):
        match = _SCHEMA.fullmatch(path)
        if match is None:
            continue
        name = SchemaName(match["owner"] or "", match["event"], int(match["version"]))
        try:
            found[name] = json.loads(text)
        except ValueError as error:
            raise CommandError(
                f"schemas/{path} of {where} is no JSON: {error}.",
                hint="Correct the file.",
                code=ExitCode.USAGE,
            ) from error
    return found


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints, or None if it fails."""
    output = _git_bytes(root, *arguments)
    return None if output is None else output.decode().strip()


def _git_bytes(root: Path, *arguments: str) -> bytes | None:
    program = which("git")
    if program is None:
        raise CommandError("git is not installed.", hint="Install git.", code=ExitCode.USAGE)
    done = subprocess.run([program, *arguments], cwd=root, capture_output=True, check=False)  # noqa: S603 - git itself
    return None if done.returncode else done.stdout
