"""Cloud assemblies, and copies of them with changed templates."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy_check.failure import CheckError

Template = dict[str, Any]
Change = Callable[[Template], None]


def template(assembly: Path, stack: str) -> Template:
    """Return the template of a stack."""
    found: Template = json.loads((assembly / f"{stack}.template.json").read_text())
    return found


def stacks(assembly: Path) -> list[str]:
    """Return the names of the stacks, sorted."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    return sorted(
        name for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"
    )


def resource_types(assembly: Path) -> list[str]:
    """Return the type of every resource, with repetitions."""
    templates = (template(assembly, stack) for stack in stacks(assembly))
    return [resource["Type"] for each in templates for resource in each["Resources"].values()]


def copy_with_changes(assembly: Path, outdir: Path, changes: Mapping[str, Change]) -> Path:
    """Copy the assembly and change templates by stack; raise CheckError if one is unchanged."""
    shutil.copytree(assembly, outdir)
    for stack, change in changes.items():
        _change(outdir, stack, change)
    return outdir


def _change(outdir: Path, stack: str, change: Change) -> None:
    path = outdir / f"{stack}.template.json"
    before = path.read_bytes()
    document = json.loads(before)
    change(document)
    after = json.dumps(document, indent=1).encode()
    if json.loads(before) == document:
        raise CheckError(f"the change of {stack}'s template changes nothing")
    path.write_bytes(after)
    # The CDK uploads a template under its hash, and skips a hash that exists.
    _replace_hash(outdir / "manifest.json", outdir / f"{stack}.assets.json", old=before, new=after)


def _replace_hash(*indices: Path, old: bytes, new: bytes) -> None:
    old_hash, new_hash = hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest()
    for index in indices:
        text = index.read_text()
        if old_hash not in text:
            raise CheckError(f"{index.name} does not name the template by its hash")
        index.write_text(text.replace(old_hash, new_hash))


def resources_of(document: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the logical id and the properties of each resource of a type."""
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource["Properties"]
