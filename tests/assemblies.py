"""Assemblies of stages with other settings, each synthesized once per run for all processes."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from app import PATHS, ROOT
from cli.demo.synthesis import current_assembly
from infrastructure import synthesis

# isort: split
from aws_cdk import App

from infrastructure.orderbus import ORDERBUS
from infrastructure.stacks.service import ServiceStack

UNFINISHED = {"allow_unfinished": "all"}
"""The committed stages have example addresses, and no gateway that moves money."""

JSII_CACHE = {
    "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(Path.home() / ".cache" / "aws" / "jsii" / "package-cache")
}
"""jsii's own folder, for processes with another home: there it would unpack the CDK in seven seconds."""


def settings_of_stages() -> dict[str, Any]:
    """Return the context of cdk.json, to change; `dev` has every alarm, so that tests can raise each."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    context["stages"]["dev"]["alarms"]["selection"] = "all"
    return context


def dev_with(factory: pytest.TempPathFactory, **settings: Any) -> Path:
    """Return the assembly of the stage `dev` with these settings; test_stages.py validates them together."""
    context = settings_of_stages()
    context["stages"]["dev"] |= settings
    return synthesised(factory, context, is_validated=False)


def dev_with_options(factory: pytest.TempPathFactory) -> Path:
    """Return the assembly of the stage `dev` with options that leave each other alone: one synthesis."""
    alarms = settings_of_stages()["stages"]["dev"]["alarms"]
    return dev_with(
        factory,
        alarms={**alarms, "order_volume_deviations": 3, "heartbeat_missing_minutes": 12},
        dashboards=True,
        heartbeat_minutes=5,
        hot_skus={"TEAPOT": 4},
    )


def dev_with_stream(factory: pytest.TempPathFactory) -> Path:
    """Return the assembly of the stage `dev` with a stream of two shards."""
    return dev_with(factory, ordered_stream={"shards": 2, "retention_hours": 168})


def dev_with_key(factory: pytest.TempPathFactory) -> Path:
    """Return the assembly of the stage `dev` with the stream, and with all that protects what it stores."""
    return dev_with(
        factory,
        encryption_key=True,
        backup={"hour_utc": 3, "retention_days": 90, "lock": "governance"},
        data_events={"retention_days": 365},
        ordered_stream={"shards": 2, "retention_hours": 168},
    )


def service_stacks(folder: Path, *services: str, is_validated: bool = False, **settings: Any) -> Path:
    """Return the assembly of these services' stacks alone, in the stage `dev` with these settings.

    A stack takes a third of the time of the whole stage.
    """
    context = settings_of_stages()
    context["stages"]["dev"] |= settings
    stage = ORDERBUS.stage("dev", context["stages"])
    app = App(
        outdir=str(folder),
        context={**context, **PATHS},
        builtin_cloud_formation_validation=is_validated,
    )
    chosen = [service for service in stage.services if service.name in services]
    assert len(chosen) == len(services)
    for service in chosen:
        ServiceStack(app, stage=stage, service=service)
    app.synth()
    return folder


def synthesised(
    factory: pytest.TempPathFactory, context: Mapping[str, Any], *, is_validated: bool = True
) -> Path:
    """Return the assembly of this context: the processes of a run share the folder above their own."""
    if context == json.loads((ROOT / "cdk.json").read_text())["context"]:
        return current_assembly()
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    folder = factory.getbasetemp().parent if is_worker else factory.getbasetemp()
    key = json.dumps([context, is_validated], sort_keys=True)
    assembly = folder / f"assembly-{sha256(key.encode()).hexdigest()[:16]}"
    with assembly.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (assembly / "manifest.json").exists():
            link_assets(assembly, current_assembly(), *_finished(folder, "assembly-*"))
            synthesis.synthesise(
                assembly, context={**context, **PATHS, **UNFINISHED}, is_validated=is_validated
            )
    return assembly


def _finished(folder: Path, pattern: str) -> list[Path]:
    return [path for path in folder.glob(pattern) if (path / "manifest.json").exists()]


def link_assets(assembly: Path, *others: Path) -> None:
    """Link the assets of other assemblies into a new one.

    The CDK copies no asset that is there: to copy two thousand files takes half of a synthesis.
    """
    assets = {asset.name: asset for other in others for asset in _assets(other)}
    for name, asset in assets.items():
        shutil.copytree(asset, assembly / name, copy_function=_link)


def _assets(assembly: Path) -> Iterator[Path]:
    """Yield the folders that the assembly deploys; `cdk.out` keeps those of earlier versions too."""
    for manifest in assembly.glob("*.assets.json"):
        for file in json.loads(manifest.read_text())["files"].values():
            asset = assembly / file["source"]["path"]
            if asset.is_dir():
                yield asset


def _link(source: str, target: str) -> None:
    """Link the file, or copy it to another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
