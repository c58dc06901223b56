"""Assemblies without some resource types, and without the resources that refer to them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from deploy_check.assembly import Template, copy_with_changes, stacks, template

_VARIABLE = re.compile(r"\$\{(?!!)([^}.]+)")


def cut(assembly: Path, outdir: Path, types: tuple[str, ...]) -> Path:
    """Copy the assembly without resources whose type begins so; return the copy."""

    def remove(document: Template) -> None:
        document.update(without_types(document, types))

    changed = [name for name in stacks(assembly) if _has(template(assembly, name), types)]
    return copy_with_changes(assembly, outdir, dict.fromkeys(changed, remove))


def _has(document: Template, types: tuple[str, ...]) -> bool:
    return any(resource["Type"].startswith(types) for resource in document["Resources"].values())


def without_types(document: Template, types: tuple[str, ...]) -> Template:
    """Return the template without those resources, and without what refers to one of them."""
    resources: dict[str, Any] = document["Resources"]
    gone = {name for name, resource in resources.items() if resource["Type"].startswith(types)}
    while more := {
        name
        for name, resource in resources.items()
        if name not in gone and gone.intersection(references(resource.get("Properties")))
    }:
        gone |= more
    return {
        **document,
        "Resources": {
            name: _independent(resource, gone) for name, resource in resources.items() if name not in gone
        },
        "Outputs": {
            name: output
            for name, output in document.get("Outputs", {}).items()
            if not gone.intersection(references(output))
        },
    }


def _independent(resource: dict[str, Any], gone: set[str]) -> dict[str, Any]:
    needs = resource.get("DependsOn", [])
    left = [name for name in ([needs] if isinstance(needs, str) else needs) if name not in gone]
    return {**resource, "DependsOn": left}


def references(value: object) -> Iterator[str]:
    """Yield the names of what a part of a template refers to."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _references_of(key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def _references_of(function: str, argument: object) -> Iterable[str]:
    match function, argument:
        case "Ref", str(name):
            return [name]
        case "Fn::GetAtt", str(attribute):
            return [attribute.partition(".")[0]]
        case "Fn::GetAtt", [str(name), *_]:
            return [name]
        case "Fn::Sub", str(text):
            return _VARIABLE.findall(text)
        case "Fn::Sub", [str(text), variables]:
            return [*_VARIABLE.findall(text), *references(variables)]
    return references(argument)
