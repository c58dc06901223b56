"""The step that deploys a changed version, and goes back with the one command of docs/deploy.md."""

import os
from pathlib import Path

from deploy_check.deploy_page import copy_tracked_files, environment_of_page
from deploy_check.deployment import Deployment
from deploy_check.failure import require
from deploy_check.interpreter import ROOT
from deploy_check.order_steps import SHIPPED, SHIPPED_EMAILS
from deploy_check.program import run
from deploy_check.shop import GOOD_CARD

CHANGED = Path("functions", "shipping", "domain.py")
OLD, NEW = 'return "OB" +', 'return "CHANGED" +'
"""The beginning of a tracking number, which shows whose code shipped the order."""
SERVICE = "shipping"
TIMEOUT_SECONDS = 240.0
SHARED = (".venv", "node_modules")
"""Folders that the old commit shares with ours: its locks are the same."""
LONG_AGO = 1_000_000_000
"""The time of files that are older than the environment, for make."""
AUTHOR = ("-c", "user.name=deploy-check", "-c", "user.email=deploy-check@example.com")


def roll_back_to_commit(check: Deployment) -> str:
    """Deploy a changed version, ship an order, roll back by commit, and ship another one."""
    repository = check.folder / "repository"
    _commit_two_versions(repository)
    stack = check.names.stack(SERVICE)
    deploy = ("npx", "cdk", "deploy", "--exclusively", stack, "--require-approval", "never")
    _run(check, repository, *deploy)
    changed = _tracking_number(check, key="changed")
    require(met=changed.startswith("CHANGED"), otherwise=f"the changed version shipped {changed}")
    old = _run(check, repository, "git", "rev-parse", "HEAD~1").strip()
    _prepare_environment(check, repository, old)
    _run(check, repository, "scripts/rollback", check.names.stage, "HEAD~1", "--yes")
    restored = _tracking_number(check, key="rolled-back")
    require(met=restored.startswith("OB"), otherwise=f"after the rollback {restored} was shipped")
    require(met=NEW in (repository / CHANGED).read_text(), otherwise="the rollback changed the working tree")
    return f"scripts/rollback: the changed version shipped {changed[:9]}…, the old one {restored[:4]}…"


def _commit_two_versions(repository: Path) -> None:
    """Make a repository whose last commit changes the shipping service."""
    copy_tracked_files(repository)
    _link(repository)
    for command in (("init",), ("add", "--all"), (*AUTHOR, "commit", "--message", "old")):
        _git(repository, *command)
    text = (repository / CHANGED).read_text()
    require(met=text.count(OLD) == 1, otherwise=f"{CHANGED} has no {OLD!r}: choose another change")
    (repository / CHANGED).write_text(text.replace(OLD, NEW))
    _git(repository, *AUTHOR, "commit", "--all", "--message", "changed")


def _prepare_environment(check: Deployment, repository: Path, commit: str) -> None:
    """Make the folder of the old commit as the script does, with our packages instead of a new download."""
    folder = repository / "build" / "rollback" / commit
    _run(check, repository, "git", "worktree", "add", "--quiet", "--detach", str(folder), commit)
    for path in folder.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)
    _link(folder)


def _link(folder: Path) -> None:
    """Share the installed packages, and the layer; each folder has bundles of its own."""
    for name in SHARED:
        (folder / name).symlink_to(ROOT / name)
    (folder / "build").mkdir()
    for name in ("layers", "bytecode"):
        (folder / "build" / name).symlink_to(ROOT / "build" / name)


def _git(repository: Path, *arguments: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(repository)}
    exclude = ("-c", f"core.excludesFile={_exclude(repository)}")
    run(("git", *exclude, *arguments), env=environment, cwd=repository, timeout=TIMEOUT_SECONDS)


def _exclude(repository: Path) -> Path:
    """Return the file that keeps the links out of the commits."""
    path = repository.with_name("excluded")
    path.write_text("".join(f"/{name}\n" for name in (*SHARED, "build")))
    return path


def _run(check: Deployment, repository: Path, *command: str) -> str:
    return run(command, env=environment_of_page(check), cwd=repository, timeout=TIMEOUT_SECONDS)


def _tracking_number(check: Deployment, *, key: str) -> str:
    """Ship an order; return its tracking number."""
    order = check.shop.place(key=key, card=GOOD_CARD, token=check.token)
    check.shop.follow(order, to=SHIPPED, emails=SHIPPED_EMAILS)
    (shipment,) = [event for event in check.shop.events(order) if event["type"] == "ShipmentScheduled"]
    return str(shipment["data"]["tracking_number"])
