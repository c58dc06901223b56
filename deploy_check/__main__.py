"""`python -m deploy_check`: run one pass, print its table, and remove everything."""

import json
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from deploy_check import iam_pass, localemu_pass, manual_pass, namespace, plain_pass
from deploy_check.failure import CheckError
from deploy_check.interpreter import ROOT
from deploy_check.run_pass import Pass, run_pass

Iam = Annotated[bool, typer.Option("--iam", help="Run the pass with IAM enforced, over TLS.")]
Manual = Annotated[bool, typer.Option("--manual", help="Run the pass with the commands of docs/deploy.md.")]
Localemu = Annotated[bool, typer.Option("--localemu", help="Run the pass with LocalEmu, without functions.")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the stage and the endpoint, and print how to reach them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the table as one JSON object to stdout.")]


def main(
    *,
    iam: Iam = False,
    manual: Manual = False,
    localemu: Localemu = False,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Deploy Orderbus with the real CDK command line to an independent endpoint, and place orders.

    Exit with 1 if a step fails, with its message below the table.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    if iam + manual + localemu > 1:
        raise typer.BadParameter("--iam, --manual and --localemu exclude each other: run one after another")
    if localemu and keep:
        raise typer.BadParameter("--keep: the network namespace of LocalEmu ends with this command")
    if localemu:
        raise typer.Exit(_run_alone(as_json=as_json))
    passed = run_pass(_pass(iam=iam, manual=manual, keep=keep), keep=keep, as_json=as_json)
    raise typer.Exit(0 if passed else 1)


def _run_alone(*, as_json: bool) -> int:
    """Run the pass in a network namespace; return its exit code."""
    try:
        localemu_pass.prepare()
        return namespace.run_alone(["deploy_check.localemu_pass", *(["--json"] if as_json else [])])
    except CheckError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _pass(*, iam: bool, manual: bool, keep: bool) -> Pass:
    stage = json.loads((ROOT / "cdk.json").read_text())["context"]["stage"]
    if manual:
        return Pass(title="by the words of docs/deploy.md", steps=manual_pass.STEPS, stage=stage)
    title, steps = ("with IAM enforced", iam_pass.STEPS) if iam else ("without IAM", plain_pass.STEPS)
    return Pass(title=title, steps=steps if keep else (*steps, plain_pass.DESTROY), stage=stage)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM like Ctrl-C, so that contexts end."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(main)
