"""The version of a release: its tag, the three distributions and the changelog agree on it."""

import re
import tomllib
from pathlib import Path

PROJECTS = (
    "pyproject.toml",
    "packages/pocketcloud/pyproject.toml",
    "packages/orderbus-client/pyproject.toml",
)
CHANGELOG = "CHANGELOG.md"
UNRELEASED = "Unreleased"
UPGRADE = "### Upgrade"
"""The section of a release that says what its deployment needs, or "Nothing."."""

_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n)*)", re.MULTILINE)
_VERSION = re.compile(r"^\d+\.\d+\.\d+$")


class ReleaseError(ValueError):
    """The release cannot be made; the message says why, and what to do."""


def version_of(root: Path) -> str:
    """Return the version of the three distributions; raise ReleaseError if they differ."""
    found = {
        name: str(tomllib.loads((root / name).read_text(encoding="utf-8"))["project"]["version"])
        for name in PROJECTS
    }
    if len(set(found.values())) > 1:
        versions = ", ".join(f"{name} has {version}" for name, version in found.items())
        raise ReleaseError(f"the versions differ: {versions}. Set all to the same")
    return found[PROJECTS[0]]


def check_tag(root: Path, tag: str) -> str:
    """Return the notes of the tag's release; raise ReleaseError if anything names another version."""
    version = version_of(root)
    if tag != f"v{version}" or not _VERSION.match(version):
        raise ReleaseError(
            f"the tag {tag} is not v{version}, the version of {PROJECTS[0]}. Change one of them; a version"
            " has three numbers"
        )
    title, notes = sections(root)[0]
    if title != version:
        raise ReleaseError(f"{CHANGELOG} begins with {title!r}, not {version!r}. Rename the section")
    if UPGRADE not in notes.splitlines():
        raise ReleaseError(f'{CHANGELOG} has no "{UPGRADE}" in {version}. Add it, if only with "Nothing."')
    return notes.strip() + "\n"


def sections(root: Path) -> list[tuple[str, str]]:
    """Return the title and the text of each version in the changelog, newest first."""
    found = _SECTION.findall((root / CHANGELOG).read_text(encoding="utf-8"))
    if not found:
        raise ReleaseError(f"{CHANGELOG} has no section: begin one with '## {UNRELEASED}'")
    return [(title, text) for title, text in found]
