"""Deploy an assembly again whenever `cdk synth` has changed it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Protocol

from pocketcloud.cloudformation.errors import DeployError
from pocketcloud.core.engine import UnsupportedOfflineError

INTERVAL_SECONDS = 0.5
"""Time between two looks at the assembly; it is deployed once two looks find the same files."""


class UpdatableCloud(Protocol):
    """The parts of the offline cloud that the watch uses."""

    def deploy(self, assembly: Path) -> tuple[str, ...]:
        """Update the deployed stacks to the assembly; return what changed."""


@contextmanager
def watching(
    cloud: UpdatableCloud,
    assembly: Path,
    report: Callable[[str], object],
    interval_seconds: float = INTERVAL_SECONDS,
) -> Iterator[None]:
    """Deploy the assembly again on every change inside the block, and report the result."""
    stopped = Event()
    seen = fingerprint(assembly)

    def watch() -> None:
        deployed = last = seen
        while not stopped.wait(interval_seconds):
            now = fingerprint(assembly)
            if now == last and now not in {deployed, None}:
                deployed = now
                report(_redeployed(cloud, assembly))
            last = now

    thread = Thread(target=watch, name="assembly watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def fingerprint(assembly: Path) -> str | None:
    """Return a digest of the assembly's manifests and templates, which name assets by their contents.

    None means that the assembly is being written.
    """
    digest = hashlib.sha256()
    try:
        json.loads((assembly / "manifest.json").read_bytes())
        for path in sorted(assembly.glob("*.json")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    except (OSError, ValueError):
        return None
    return digest.hexdigest()


def _redeployed(cloud: UpdatableCloud, assembly: Path) -> str:
    try:
        changes = cloud.deploy(assembly)
    except (DeployError, UnsupportedOfflineError) as error:
        return f"{assembly} changed, but was not deployed: {error}"
    return "\n".join([f"{assembly} changed and was deployed again:", *(changes or ("nothing to update",))])
