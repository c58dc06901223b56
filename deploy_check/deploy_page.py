"""Run the commands of docs/deploy.md unchanged, in one shell, with the endpoint.

Blocks marked `sh` run here; blocks marked `console` need an account.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.interpreter import ROOT
from deploy_check.program import run

PAGE = ROOT / "docs" / "deploy.md"
TIMEOUT_SECONDS = 240.0


def commands(page: str) -> list[str]:
    """Return the `sh` blocks of the page, in order."""
    return re.findall(r"^```sh\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)


def follow(check: Deployment) -> str:
    """Run the page's commands in a copy of the repository, up to the first failure."""
    blocks = commands(PAGE.read_text())
    require(met=bool(blocks), otherwise=f"{PAGE.name} has no command that can run here")
    script = "\n".join(blocks)
    environment = environment_of_page(check)
    output = run(
        ("bash", "-euo", "pipefail", "-c", script),
        env=environment,
        cwd=_checkout(check.folder / "checkout"),
        timeout=TIMEOUT_SECONDS,
    )
    require(met="\nshipped\n" in output, otherwise=f"no order was shipped:\n{output[-2000:]}")
    return f"{len(blocks)} blocks, from deployment to removal; an order was shipped"


def environment_of_page(check: Deployment) -> dict[str, str]:
    """Return the endpoint's environment with the AWS CLI, and write the settings of cdk and curl."""
    home = check.folder
    (home / ".cdk.json").write_text(json.dumps({"context": check.context}))
    # No name server resolves the API's name; connect to the endpoint instead.
    (home / ".curlrc").write_text(f'connect-to = "::127.0.0.1:{check.endpoint.port}"\n')
    environment = check.endpoint.environment()
    return {**environment, "PATH": f"{environment['PATH']}{os.pathsep}{check.interpreter.programs}"}


def _checkout(folder: Path) -> Path:
    """Copy the tracked files, to keep `cdk.out`; share the installed packages."""
    copy_tracked_files(folder)
    for shared in (".venv", "node_modules", "build"):
        (folder / shared).symlink_to(ROOT / shared)
    return folder


def copy_tracked_files(folder: Path) -> None:
    """Copy the files of the working tree that git tracks."""
    listed = subprocess.run(
        ("git", "ls-files", "-z"),  # noqa: S607 - the git on the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
