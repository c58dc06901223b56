"""The unmodified CDK command line, pinned by package-lock.json."""

import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy_check.endpoint import ACCOUNT, REGION, Endpoint
from deploy_check.interpreter import ROOT
from deploy_check.program import attempt, run

CLI = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE = ROOT / ".venv" / "bin" / "node"
VARIANT = f"{shlex.quote(sys.executable)} -m deploy_check.variant"
"""The value of `--app` for the app with changes."""
SYNTH_TIMEOUT_SECONDS, TIMEOUT_SECONDS = 300.0, 150.0
"""The first synthesis builds the layer."""


def synthesise(
    outdir: Path, *, context: Mapping[str, str], app: str | None = None, changes: str = ""
) -> None:
    """Run `cdk synth` for cdk.json's app, or for another with its changes in the environment."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env = {**ours, "PATH": f"{NODE.parent}{os.pathsep}{ours['PATH']}", "DEPLOY_CHECK_CHANGES": changes}
    values = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
    chosen = ("--app", app) if app else ()
    command = (*_cli("synth"), "--quiet", *chosen, *values, "--output", str(outdir))
    run(command, env=env, cwd=ROOT, timeout=SYNTH_TIMEOUT_SECONDS)


@dataclass(frozen=True, slots=True)
class Cdk:
    """The CDK command line for one endpoint; it uses assemblies and a folder without cdk.json."""

    endpoint: Endpoint

    def bootstrap(self) -> str:
        """Run `cdk bootstrap` for the endpoint's account and region."""
        return self._run("bootstrap", f"aws://{ACCOUNT}/{REGION}")

    def deploy(self, assembly: Path, *options: str) -> str:
        """Run `cdk deploy` for all stacks, or those in the options; return the output."""
        return self._run("deploy", *self._deploying(assembly, options))

    def failed_deploy(self, assembly: Path, *options: str) -> tuple[int, str]:
        """Run a `cdk deploy` that should fail; return the exit code and the output."""
        command = (*_cli("deploy"), *self._deploying(assembly, options))
        return attempt(
            command, env=self.endpoint.environment(), cwd=self.endpoint.folder, timeout=TIMEOUT_SECONDS
        )

    def diff(self, assembly: Path) -> tuple[int, str]:
        """Run `cdk diff --fail`; return the exit code, 0 without a difference, and the output."""
        command = (*_cli("diff"), "--app", str(assembly), "--fail")
        return attempt(
            command, env=self.endpoint.environment(), cwd=self.endpoint.folder, timeout=TIMEOUT_SECONDS
        )

    def destroy(self, assembly: Path, *options: str) -> str:
        """Run `cdk destroy` for all stacks, or those in the options."""
        return self._run("destroy", "--app", str(assembly), "--force", *(options or ("--all",)))

    def _deploying(self, assembly: Path, options: Sequence[str]) -> tuple[str, ...]:
        selected = options or ("--all",)
        return ("--app", str(assembly), "--require-approval", "never", *selected)

    def _run(self, *arguments: str) -> str:
        command = (*_cli(arguments[0]), *arguments[1:])
        return run(
            command, env=self.endpoint.environment(), cwd=self.endpoint.folder, timeout=TIMEOUT_SECONDS
        )


def _cli(verb: str) -> tuple[str, ...]:
    return (str(NODE), str(CLI), verb, "--no-notices")
