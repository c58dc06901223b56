"""Read a cloud assembly (`cdk.out`): stacks in dependency order, and assets."""

import graphlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pocketcloud.cloudformation.errors import AssemblyError

STACK = "aws:cloudformation:stack"
ASSETS = "cdk:asset-manifest"
INFORMATION = frozenset({"cdk:tree", "cdk:feature-flag-report"})
"""Artifact types that deploy nothing."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file or folder to upload to the bootstrap bucket before its stack is created."""

    bucket: str
    key: str
    source: Path
    packaging: str


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack of the assembly."""

    name: str
    environment: str
    template: Mapping[str, Any]
    bootstrap_version: int | None
    bootstrap_parameter: str | None


@dataclass(frozen=True, slots=True)
class Assembly:
    """Stacks, each after the stacks it depends on, and their assets."""

    stacks: tuple[Stack, ...]
    assets: tuple[Asset, ...]


def read_assembly(folder: Path) -> Assembly:
    """Read the assembly in a folder; raise AssemblyError if it is incomplete or unsupported."""
    try:
        return _read(folder)
    except (AttributeError, LookupError, TypeError) as error:
        # The schema's version rises with most releases of the CDK, so it does not decide what can be read.
        reason = f"{type(error).__name__}: {error}"
        raise AssemblyError(
            f"{folder}: not laid out as a cloud assembly ({reason}); synthesize it again"
        ) from error


def _read(folder: Path) -> Assembly:
    manifest = _json(folder / "manifest.json")
    if missing := manifest.get("missing"):
        raise AssemblyError(f"{folder}: synthesized without required context: {missing}")
    artifacts: dict[str, dict[str, Any]] = manifest.get("artifacts", {})
    for name, artifact in artifacts.items():
        if artifact["type"] not in {STACK, ASSETS, *INFORMATION}:
            raise AssemblyError(f"{folder}: {name}: artifacts of type {artifact['type']} are unsupported")
    stacks = [_stack(folder, name, artifacts[name]) for name in _order(folder, artifacts)]
    return Assembly(tuple(stacks), tuple(_assets(folder, artifacts)))


def _json(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssemblyError(f"{path}: not found; run `python app.py` or `cdk synth` first") from None
    except OSError as error:
        raise AssemblyError(f"{path}: cannot be read: {error.strerror}") from error
    except ValueError as error:  # UnicodeDecodeError is one, too
        raise AssemblyError(f"{path}: not JSON: {error}") from error
    return document


def _order(folder: Path, artifacts: Mapping[str, Mapping[str, Any]]) -> list[str]:
    graph = {name: artifact.get("dependencies", ()) for name, artifact in artifacts.items()}
    try:
        order = list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as cycle:
        raise AssemblyError(f"{folder}: artifacts depend on each other: {cycle.args[1]}") from None
    if unknown := [name for name in order if name not in artifacts]:
        raise AssemblyError(f"{folder}: the manifest has no artifact {', '.join(unknown)}")
    return [name for name in order if artifacts[name]["type"] == STACK]


def _stack(folder: Path, name: str, artifact: Mapping[str, Any]) -> Stack:
    properties = artifact["properties"]
    return Stack(
        name=properties.get("stackName", name),
        environment=artifact["environment"],
        template=_json(folder / properties["templateFile"]),
        bootstrap_version=properties.get("requiresBootstrapStackVersion"),
        bootstrap_parameter=properties.get("bootstrapStackVersionSsmParameter"),
    )


def _assets(folder: Path, artifacts: Mapping[str, Mapping[str, Any]]) -> Iterator[Asset]:
    for artifact in artifacts.values():
        if artifact["type"] != ASSETS:
            continue
        manifest = _json(folder / artifact["properties"]["file"])
        if manifest.get("dockerImages"):
            raise AssemblyError(f"{folder}: container images are not supported offline")
        for file in manifest.get("files", {}).values():
            source = folder / file["source"]["path"]
            for destination in file["destinations"].values():
                bucket, key = destination["bucketName"], destination["objectKey"]
                yield Asset(bucket, key, source, file["source"].get("packaging", "file"))
