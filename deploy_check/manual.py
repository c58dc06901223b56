"""The commands of docs/deploy.md, run as they stand, in one shell, against the endpoint.

Blocks marked `sh` are run; blocks marked `console` can only be run in an account.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy_check.command import run
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.interpreter import ROOT

PAGE = ROOT / "docs" / "deploy.md"
TIMEOUT = 240.0
"""Seconds, for the whole page."""


def commands(page: str) -> list[str]:
    """The page's `sh` blocks, in order."""
    return re.findall(r"^```sh\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)


def follow(check: Deployment) -> str:
    """Type what the page says, in a copy of the repository; any command that fails ends it."""
    blocks = commands(PAGE.read_text())
    require(met=bool(blocks), otherwise=f"{PAGE.name} has no command that can run here")
    script = "\n".join(blocks)
    environment = _environment(check)
    said = run(
        ("bash", "-euo", "pipefail", "-c", script),
        env=environment,
        cwd=_checkout(check.folder / "checkout"),
        timeout=TIMEOUT,
    )
    require(met="\nshipped\n" in said, otherwise=f"no order was shipped:\n{said[-2000:]}")
    return f"{len(blocks)} blocks, from deployment to removal; an order was shipped"


def _environment(check: Deployment) -> dict[str, str]:
    """The endpoint's, with the AWS command line, and what cdk and curl read from a home folder."""
    home = check.folder
    (home / ".cdk.json").write_text(json.dumps({"context": check.context}))
    # The API's name is known to no name server; its port is the endpoint's.
    (home / ".curlrc").write_text(f'connect-to = "::127.0.0.1:{check.endpoint.port}"\n')
    given = check.endpoint.environment()
    return {**given, "PATH": f"{given['PATH']}{os.pathsep}{check.interpreter.programs}"}


def _checkout(folder: Path) -> Path:
    """A copy of what git tracks, so that no `cdk.out` is written over; what was installed is shared."""
    listed = subprocess.run(
        ("git", "ls-files", "-z"),  # noqa: S607 - the git on the PATH, as everybody's
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for shared in (".venv", "node_modules", "build"):
        (folder / shared).symlink_to(ROOT / shared)
    return folder
