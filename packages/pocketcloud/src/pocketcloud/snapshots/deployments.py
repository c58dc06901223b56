"""Deploy an assembly into a new account, or restore an earlier deployment of the same assembly."""

import os
from collections import OrderedDict
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from pickle import PicklingError

import boto3
from moto.moto_api._internal import mock_random

from pocketcloud.cloudformation.deployment import DeploymentResult, deploy
from pocketcloud.core.engine import Engine
from pocketcloud.services import Services
from pocketcloud.snapshots.account_state import AccountState, Parts, parts_of, restore, save

_MAXIMUM_SNAPSHOTS = 8
_SNAPSHOTS: OrderedDict[object, AccountState] = OrderedDict()
"""Snapshots by the inputs of their deployment, the latest last."""
_deployed: set[object] = set()


def deployed(
    assembly: Path, services: Services, engine: Engine, session: boto3.Session, history_limit: int | None
) -> DeploymentResult:
    """Deploy into an account that has nothing yet.

    A process with one account keeps no snapshot; taking one costs a twentieth of a deployment. Nor is one
    kept of an assembly with assets outside its folder, which may change unseen.
    """
    parts = parts_of(
        {"clock": engine.clock, "session": session}, engine.scheduler.random, services=services, engine=engine
    )
    key = _key(assembly, engine, history_limit)
    if key in _SNAPSHOTS:
        _SNAPSHOTS.move_to_end(key)
        result: DeploymentResult = restore(_SNAPSHOTS[key], parts)
        return result
    began = engine.clock.now()
    result = deploy(assembly, session, engine.stubs)
    is_whole = all(
        source.resolve().is_relative_to(assembly.resolve()) for source in result.account.assets.sources
    )
    if _deployed and is_whole and engine.clock.now() == began:
        _keep(key, parts, result)
    _deployed.add(key)
    return result


def _keep(key: object, parts: Parts, result: DeploymentResult) -> None:
    try:
        _SNAPSHOTS[key] = save(parts, result)
    except (AttributeError, PicklingError, TypeError):
        return  # an object that pickle cannot copy: the next account is deployed as this one was
    while len(_SNAPSHOTS) > _MAXIMUM_SNAPSHOTS:
        _SNAPSHOTS.popitem(last=False)


def _key(assembly: Path, engine: Engine, history_limit: int | None) -> object:
    randomness = mock_random.getstate(), engine.scheduler.random.getstate()
    return (
        _digest(assembly),
        hash(randomness),
        engine.clock.now(),
        engine.latency,
        engine.stubs.types,
        history_limit,
    )


def _digest(assembly: Path) -> str:
    """Return a digest of the names, sizes and times of all files; `deploy` rejects what is no folder."""
    digest = sha256(str(assembly.resolve()).encode())
    for path, stat in _files(str(assembly)) if assembly.is_dir() else ():
        digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if not entry.is_dir():
            yield entry.path, entry.stat()
        elif entry.name != "__pycache__":
            yield from _files(entry.path)
