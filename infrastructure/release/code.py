"""The code in an assembly: the asset of each function and layer, whose name is the hash of its content."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infrastructure.names import Names
from infrastructure.release.versions import ReleaseError

_CODE = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}


def code_of(assembly: Path, names: Names) -> dict[str, str]:
    """Return the content hash of each function and layer, by stack and logical id without the stage."""
    found: dict[str, str] = {}
    for path in sorted(assembly.glob(f"{names.prefix}-*.template.json")):
        stack = path.name.removeprefix(f"{names.prefix}-").removesuffix(".template.json")
        template = json.loads(path.read_text(encoding="utf-8"))
        found |= {f"{stack}/{logical_id}": key for logical_id, key in _keys(template["Resources"])}
    if not found:
        raise ReleaseError(f"{assembly} has no function of the stage {names.stage}: synthesize it first")
    return found


def _keys(resources: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for logical_id, resource in resources.items():
        if place := _CODE.get(resource["Type"]):
            yield logical_id, resource["Properties"][place]["S3Key"].removesuffix(".zip")


def require_same_code(stages: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the code of all stages; raise ReleaseError for a function with different code in two of them."""
    code: dict[str, str] = {}
    for stage, functions in stages.items():
        if different := [name for name, key in functions.items() if code.get(name, key) != key]:
            others = ", ".join(name for name in stages if name != stage)
            raise ReleaseError(
                f"the stage {stage} has other code than {others} in {', '.join(different)}."
                " A setting may change a function's environment, never its code"
            )
        code |= functions
    return code
