"""Run one pass in a temporary folder, print its table, and remove everything."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from deploy_check import report
from deploy_check.deployment import Deployment
from deploy_check.steps import CheckStep, StepResult, run_steps
from deploy_check.unsupported_types import TYPES
from infrastructure.names import Names


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """The steps with one endpoint; the last one removes everything, unless it is to be kept."""

    title: str
    steps: Sequence[CheckStep[Deployment]]
    stage: str
    omitted: tuple[str, ...] = TYPES
    """The types missing from the deployed templates, which the endpoint does not support."""


def run_pass(chosen: Pass, *, keep: bool, as_json: bool) -> bool:
    """Run the steps up to the first failure and print the results; return whether all passed."""
    console = Console(stderr=as_json, highlight=False, soft_wrap=True)
    results, omitted = _run(chosen, console, keep=keep)
    report.show(console, f"cdk deploy, {chosen.title}", results, omitted)
    if as_json:
        sys.stdout.write(report.as_json(chosen.title, results, omitted) + "\n")
    return all(each.passed for each in results)


def _run(chosen: Pass, console: Console, *, keep: bool) -> tuple[list[StepResult], list[str]]:
    """Run the steps in a temporary folder; always end the processes and remove the folder."""
    with ExitStack() as resources:
        folder = Path(tempfile.mkdtemp(prefix="deploy-check-"))
        resources.push(_remove_folder(folder, keep=keep))
        check = Deployment(
            folder=folder,
            names=Names(chosen.stage),
            resources=resources,
            keep=keep,
            omitted=list(chosen.omitted),
        )
        results = run_steps(chosen.steps, check, report_step=report.step_reporter(console))
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
