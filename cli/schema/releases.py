"""The schemas of the working tree and of a commit, and the release of a changed one."""

import io
import subprocess
import tarfile
from pathlib import Path
from shutil import which

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.schema.schema_name import Revision, Revisions, SchemaName, Texts, revisions_of, schemas_of

WORKING_TREE = "the working tree"


def texts_in(folder: Path) -> Texts:
    """Return the files of the working tree."""
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.json")}


def texts_at(root: Path, ref: str) -> Texts:
    """Return the files of a commit.

    Raises:
        CommandError: git does not know the commit.
    """
    if _git(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is None:
        raise CommandError(
            f"git does not know {ref}.", hint="Name a commit, a tag or a branch.", code=ExitCode.USAGE
        )
    archive = _git(root, "archive", "--format=tar", ref, "schemas")
    if archive is None:
        return {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = {member.name: tar.extractfile(member) for member in tar.getmembers()}
        return {name.removeprefix("schemas/"): file.read().decode() for name, file in files.items() if file}


def released_at(texts: Texts, ref: str) -> Revisions:
    """Return the released contents at a commit, and after them its own schemas where they differ."""
    found = revisions_of(texts, ref)
    for name, schema in schemas_of(texts, ref).items():
        revisions = found.setdefault(name, [])
        if not revisions or revisions[-1].schema != schema:
            revisions.append(Revision(ref, schema))
    return found


def unreleased(texts: Texts) -> dict[SchemaName, str]:
    """Return the path in `schemas/` where the content of each changed or new schema is to be released."""
    released = revisions_of(texts, WORKING_TREE)
    paths = {}
    for name, schema in schemas_of(texts, WORKING_TREE).items():
        revisions = released.get(name, [])
        if not revisions or revisions[-1].schema != schema:
            paths[name] = name.revision_path(len(revisions) + 1)
    return paths


def release(folder: Path, name: SchemaName, path: str) -> None:
    """Copy the schema to its next revision."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text((folder / f"{name}.json").read_text("utf-8"), encoding="utf-8")


def _git(root: Path, *arguments: str) -> bytes | None:
    """Return what git prints, or None if it fails."""
    program = which("git")
    if program is None:
        raise CommandError("git is not installed.", hint="Install git.", code=ExitCode.USAGE)
    done = subprocess.run([program, *arguments], cwd=root, capture_output=True, check=False)  # noqa: S603 - git itself
    return None if done.returncode else done.stdout
