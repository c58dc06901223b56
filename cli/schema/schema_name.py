"""The names of the files in `schemas/`: one schema for each version, and each content that was released."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.schema.compatibility.verdict import Node

RELEASED = "released"
"""The folder in `schemas/` with `<owner>/<Event>.v<N>/<revision>.json`."""
_STEM = r"(?:(?P<owner>[a-z_]+)/)?(?P<event>[A-Z][A-Za-z0-9]*)\.v(?P<version>[0-9]+)"
_SCHEMA = re.compile(rf"{_STEM}\.json")
_REVISION = re.compile(rf"{RELEASED}/{_STEM}/(?P<number>[0-9]+)\.json")

Texts = Mapping[str, str]
"""The text of each JSON file, by its path in `schemas/`."""


@dataclass(frozen=True, slots=True, order=True)
class SchemaName:
    """One version of an event's schema; the envelope has no owner."""

    owner: str
    event: str
    version: int

    def __str__(self) -> str:
        return f"{self.owner}/{self.event}.v{self.version}".removeprefix("/")

    def revision_path(self, number: int) -> str:
        """Return the path of a released content."""
        return f"{RELEASED}/{self}/{number}.json"


@dataclass(frozen=True, slots=True)
class Revision:
    """A released content of one version's schema."""

    ref: str
    """Its path in `schemas/`, or the commit that has it."""
    schema: Node


Revisions = Mapping[SchemaName, list[Revision]]
"""The released contents of each schema, the oldest first."""


def schemas_of(texts: Texts, where: str) -> dict[SchemaName, Node]:
    """Return the schemas that a commit or the working tree has now; raise CommandError if one is no JSON."""
    found = {path: match for path in sorted(texts) if (match := _SCHEMA.fullmatch(path))}
    return {_name(match): _parsed(path, texts[path], where) for path, match in found.items()}


def revisions_of(texts: Texts, where: str) -> dict[SchemaName, list[Revision]]:
    """Return the released contents; raise CommandError if one is missing or no JSON."""
    found: dict[SchemaName, dict[int, Revision]] = {}
    for path, text in texts.items():
        if match := _REVISION.fullmatch(path):
            revision = Revision(path, _parsed(path, text, where))
            found.setdefault(_name(match), {})[int(match["number"])] = revision
    for name, numbered in found.items():
        if missing := sorted({*range(1, max(numbered) + 1)} - numbered.keys()):
            raise CommandError(
                f"schemas/{name.revision_path(missing[0])} of {where} is missing.",
                hint="Restore the file: released schemas are never removed.",
                code=ExitCode.USAGE,
            )
    return {name: [numbered[each] for each in sorted(numbered)] for name, numbered in found.items()}


def edited_revisions(before: Texts, now: Texts) -> list[str]:
    """Return the released files that have another content now, or none."""
    released = [path for path in before if _REVISION.fullmatch(path)]
    return sorted(path for path in released if before[path] != now.get(path))


def _name(match: re.Match[str]) -> SchemaName:
    return SchemaName(match["owner"] or "", match["event"], int(match["version"]))


def _parsed(path: str, text: str, where: str) -> Node:
    try:
        schema: Node = json.loads(text)
    except ValueError as error:
        raise CommandError(
            f"schemas/{path} of {where} is no JSON: {error}.", hint="Correct the file.", code=ExitCode.USAGE
        ) from error
    return schema
