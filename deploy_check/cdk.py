"""The CDK command line, as package-lock.json pins it, unmodified."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy_check.command import attempt, run
from deploy_check.endpoint import ACCOUNT, REGION, Endpoint
from deploy_check.interpreter import ROOT

CLI = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE = ROOT / ".venv" / "bin" / "node"
VARIANT = f"{shlex.quote(sys.executable)} -m deploy_check.variant"
"""The app after a change, as `--app` takes it: a shell's command line."""
SYNTH_TIMEOUT, TIMEOUT = 300.0, 150.0
"""Seconds; synthesis builds the layer the first time."""


def synthesise(outdir: Path, *, context: Mapping[str, str], app: str | None = None, wish: str = "") -> None:
    """`cdk synth` of cdk.json's app, or of another with its wish in the environment."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env = {**ours, "PATH": f"{NODE.parent}{os.pathsep}{ours['PATH']}", "DEPLOY_CHECK_WISH": wish}
    values = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
    chosen = ("--app", app) if app else ()
    command = (*_cli("synth"), "--quiet", *chosen, *values, "--output", str(outdir))
    run(command, env=env, cwd=ROOT, timeout=SYNTH_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Cdk:
    """The command line, talking to one endpoint; it works in a folder without cdk.json, from assemblies."""

    endpoint: Endpoint

    def bootstrap(self) -> str:
        """`cdk bootstrap` of the endpoint's one account and region."""
        return self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(self, assembly: Path, *options: str) -> str:
        """`cdk deploy`, of all stacks unless the options name some; answers what it printed."""
        return self._run("deploy", *self._deploying(assembly, options))

    def refused_deploy(self, assembly: Path, *options: str) -> tuple[int, str]:
        """`cdk deploy` that is expected to fail: its exit code and what it printed."""
        command = (*_cli("deploy"), *self._deploying(assembly, options))
        return attempt(command, env=self.endpoint.environment(), cwd=self.endpoint.folder, timeout=TIMEOUT)

    def diff(self, assembly: Path) -> tuple[int, str]:
        """`cdk diff --fail`: 0 if nothing differs, and what it printed."""
        command = (*_cli("diff"), "--app", str(assembly), "--fail")
        return attempt(command, env=self.endpoint.environment(), cwd=self.endpoint.folder, timeout=TIMEOUT)

    def destroy(self, assembly: Path, *options: str) -> str:
        """`cdk destroy`, of all stacks unless the options name some."""
        return self._run("destroy", "--app", str(assembly), "--force", *(options or ("--all",)))

    def _deploying(self, assembly: Path, options: Sequence[str]) -> tuple[str, ...]:
        wanted = options or ("--all",)
        return ("--app", str(assembly), "--require-approval", "never", *wanted)

    def _run(self, *arguments: str) -> str:
        command = (*_cli(arguments[0]), *arguments[1:])
        return run(command, env=self.endpoint.environment(), cwd=self.endpoint.folder, timeout=TIMEOUT)


def _cli(verb: str) -> tuple[str, ...]:
    return (str(NODE), str(CLI), verb, "--no-notices")
