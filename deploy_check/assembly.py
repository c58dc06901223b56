"""Cloud assemblies, and copies of them in which one template is changed as no code of ours would."""

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
    """One stack's template."""
    found: Template = json.loads((assembly / f"{stack}.template.json").read_text())
    return found


def stacks(assembly: Path) -> list[str]:
    """The names of the stacks in the assembly."""
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    return sorted(
        name for name, artifact in artifacts.items() if artifact["type"] == "aws:cloudformation:stack"
    )


def resource_types(assembly: Path) -> list[str]:
    """The type of every resource in the assembly, as often as it occurs."""
    templates = (template(assembly, stack) for stack in stacks(assembly))
    return [resource["Type"] for each in templates for resource in each["Resources"].values()]


def changed(assembly: Path, outdir: Path, changes: Mapping[str, Change]) -> Path:
    """A copy of the assembly with the templates of some stacks changed; CheckError if one stays the same."""
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
        raise CheckError(f"the template of {stack} is what it was before")
    path.write_bytes(after)
    # The command line uploads a template under its hash, and not again one that is there already.
    _rename(outdir / "manifest.json", outdir / f"{stack}.assets.json", old=before, new=after)


def _rename(*indices: Path, old: bytes, new: bytes) -> None:
    name, other = hashlib.sha256(old).hexdigest(), hashlib.sha256(new).hexdigest()
    for index in indices:
        text = index.read_text()
        if name not in text:
            raise CheckError(f"{index.name} does not name the template by its hash")
        index.write_text(text.replace(name, other))


def resources_of(document: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and properties of each resource of a type."""
    for logical_id, resource in document["Resources"].items():
        if resource["Type"] == kind:
            yield logical_id, resource["Properties"]
