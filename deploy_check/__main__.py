"""`python -m deploy_check`: run one pass, print its table, and remove everything."""

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
from deploy_check.steps import CheckStep, StepResult, run_steps
from infrastructure.names import Names

Iam = Annotated[bool, typer.Option("--iam", help="Run the pass with IAM enforced, over TLS.")]
Manual = Annotated[bool, typer.Option("--manual", help="Run the pass with the commands of docs/deploy.md.")]
Keep = Annotated[
    bool, typer.Option("--keep", help="Keep the stage and the endpoint, and print how to reach them.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the table as one JSON object to stdout.")]


def main(*, iam: Iam = False, manual: Manual = False, keep: Keep = False, as_json: AsJson = False) -> None:
    """Deploy Orderbus with the real CDK command line to an independent endpoint, and place orders.

    Exit with 1 if a step fails, with its message below the table.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    if iam and manual:
        raise typer.BadParameter("--iam and --manual exclude each other: run one, then the other")
    title, steps = _pass(iam=iam, manual=manual, keep=keep)
    results, omitted = _run(steps, console, keep=keep)
    report.show(console, f"cdk deploy, {title}", results, omitted)
    if as_json:
        sys.stdout.write(report.as_json(title, results, omitted) + "\n")
    raise typer.Exit(0 if all(each.passed for each in results) else 1)


def _pass(*, iam: bool, manual: bool, keep: bool) -> tuple[str, Sequence[CheckStep[Deployment]]]:
    """Return the title and the steps of a pass; the last one removes everything unless `keep` is set."""
    if manual:
        return "by the words of docs/deploy.md", manual_pass.STEPS
    title, steps = ("with IAM enforced", iam_pass.STEPS) if iam else ("without IAM", plain_pass.STEPS)
    return title, steps if keep else (*steps, plain_pass.DESTROY)


def _run(
    steps: Sequence[CheckStep[Deployment]], console: Console, *, keep: bool
) -> tuple[list[StepResult], list[str]]:
    """Run the steps in a temporary folder; always end the processes and remove the folder."""
    stage = json.loads((ROOT / "cdk.json").read_text())["context"]["stage"]
    with ExitStack() as resources:
        folder = Path(tempfile.mkdtemp(prefix="deploy-check-"))
        resources.push(_remove_folder(folder, keep=keep))
        check = Deployment(folder=folder, names=Names(stage), resources=resources, keep=keep)
        results = run_steps(steps, check, report_step=report.step_reporter(console))
        if keep:
            _print_connection(console, check)
    return results, check.omitted


def _remove_folder(folder: Path, *, keep: bool) -> Callable[..., None]:
    """Return an exit callback that removes the folder; with `keep`, only after an exception."""

    def remove(kind: type[BaseException] | None, *_: object) -> None:
        if kind or not keep:
            shutil.rmtree(folder)

    return remove


def _print_connection(console: Console, check: Deployment) -> None:
    if not hasattr(check, "endpoint"):
        console.print(f"\nNo endpoint was started; see {check.folder}.")
        return
    console.print(
        f"\nThe endpoint is still up; its log and the assemblies are in {check.folder}. Use it with:\n"
    )
    for name, value in check.endpoint.environment().items():
        if name.startswith("AWS_") or name == "NODE_EXTRA_CA_CERTS":
            console.print(f"export {name}={value}")
    if hasattr(check, "token"):
        console.print(f"export TOKEN={check.token}")
        trusted = f"--cacert {check.endpoint.certificate.certificate} " if check.endpoint.certificate else ""
        headers = f"-H 'Host: {check.shop.host}' -H \"Authorization: Bearer $TOKEN\""
        console.print(f"curl {trusted}{check.endpoint.url}/orders/an-order {headers}")
    console.print(f"\nStop it with: kill -- -{check.endpoint.process_id}; rm -r {check.folder}")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM like Ctrl-C, so that contexts end."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    typer.run(main)
