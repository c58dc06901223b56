"""`python -m deploy_check`: run one pass, print its table, and leave nothing behind."""

import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.console import Console

from deploy_check import iam_pass, manual_pass, plain_pass, report
from deploy_check.deployment import Deployment
from deploy_check.interpreter import ROOT
from deploy_check.steps import Outcome, Step, carry_out
from infrastructure.names import Names

Iam = Annotated[bool, typer.Option("--iam", help="The pass with IAM enforced, over TLS.")]
Manual = Annotated[bool, typer.Option("--manual", help="The pass that types what docs/deploy.md says.")]
Keep = Annotated[bool, typer.Option("--keep", help="Leave stage and endpoint up, and say where.")]
AsJson = Annotated[bool, typer.Option("--json", help="The table as one JSON object on stdout.")]


def main(*, iam: Iam = False, manual: Manual = False, keep: Keep = False, as_json: AsJson = False) -> None:
    """Deploy Orderbus with the real CDK command line to an independent endpoint, and order from it.

    Exit code 1 says that a step failed; its own words are below the table.
    """
    signal.signal(signal.SIGTERM, _leave)
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    if iam and manual:
        raise typer.BadParameter("--iam and --manual are passes of their own: run one, then the other")
    title, steps = _pass(iam=iam, manual=manual, keep=keep)
    outcomes, left_out = _run(steps, console, keep=keep)
    report.show(console, f"cdk deploy, {title}", outcomes, left_out)
    if as_json:
        sys.stdout.write(report.as_json(title, outcomes, left_out) + "\n")
    raise typer.Exit(0 if all(each.passed for each in outcomes) else 1)


def _pass(*, iam: bool, manual: bool, keep: bool) -> tuple[str, Sequence[Step[Deployment]]]:
    """The pass's title and steps; it ends with nothing left unless that is to be kept."""
    if manual:
        return "by the words of docs/deploy.md", manual_pass.STEPS
    title, steps = ("with IAM enforced", iam_pass.STEPS) if iam else ("without IAM", plain_pass.STEPS)
    return title, steps if keep else (*steps, plain_pass.DESTROY)


def _run(
    steps: Sequence[Step[Deployment]], console: Console, *, keep: bool
) -> tuple[list[Outcome], list[str]]:
    """Carry the steps out in a folder of their own; processes end and the folder goes, come what may."""
    stage = json.loads((ROOT / "cdk.json").read_text())["context"]["stage"]
    with ExitStack() as held:
        folder = Path(tempfile.mkdtemp(prefix="deploy-check-"))
        held.push(_wipe(folder, keep=keep))
        check = Deployment(folder=folder, names=Names(stage), held=held, keep=keep)
        outcomes = carry_out(steps, check, watch=report.watcher(console))
        if keep:
            _invite(console, check)
    return outcomes, check.left_out


def _wipe(folder: Path, *, keep: bool) -> Callable[..., None]:
    """Remove the folder at the end; one to be kept only if the end is an exception, such as Ctrl-C."""

    def wipe(kind: type[BaseException] | None, *_: object) -> None:
        if kind or not keep:
            shutil.rmtree(folder)

    return wipe


def _invite(console: Console, check: Deployment) -> None:
    if not hasattr(check, "endpoint"):
        console.print(f"\nNo endpoint was started; what there is lies in {check.folder}.")
        return
    console.print(
        f"\nThe endpoint stays up; its log and the assemblies are in {check.folder}. To talk to it:\n"
    )
    for name, value in check.endpoint.environment().items():
        if name.startswith("AWS_") or name == "NODE_EXTRA_CA_CERTS":
            console.print(f"export {name}={value}")
    if hasattr(check, "token"):
        console.print(f"export TOKEN={check.token}")
        trusted = f"--cacert {check.endpoint.certificate.certificate} " if check.endpoint.certificate else ""
        headers = f"-H 'Host: {check.shop.host}' -H \"Authorization: Bearer $TOKEN\""
        console.print(f"curl {trusted}{check.endpoint.url}/orders/an-order {headers}")
    console.print(f"\nTo end it: kill -- -{check.endpoint.process_id}; rm -r {check.folder}")


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Leave as after Ctrl-C: contexts end what they began."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(main)
