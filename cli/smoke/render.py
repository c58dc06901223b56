"""Print the steps of a synthetic order while they are taken."""

from datetime import datetime
from typing import Any

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import styled, terminal, write_json
from cli.smoke.steps import BESIDE_IT, PATH, SmokeStep, StepWait, steps_of
from cli.smoke.synthetic_order import SyntheticOrder

STEPS = 1 + len(PATH) + len(BESIDE_IT)
NAME_COLUMNS = 18
"""The longest name of a step, and one."""


def show_smoke(account: Account, order: SyntheticOrder, wait: StepWait, *, as_json: bool) -> ExitCode:
    """Place the order and print its steps; fail if one is missing."""
    started = wait.clock()
    steps: list[SmokeStep] = []
    with aws_errors(hint=LOOK), terminal(stderr=True).progress() as progress:
        progress(f"step 1 of {STEPS}")
        for step in steps_of(account, order, wait):
            steps.append(step)
            progress(f"step {min(len(steps) + 1, STEPS)} of {STEPS}")
            if not as_json:
                _print(step, started)
    if as_json:
        write_json(_document(order, steps, started))
    missing = [step for step in steps if step.at is None]
    if not as_json:
        _print_end(order, missing, is_logged=len(steps) == STEPS)
    return ExitCode.OPEN_ORDERS if missing else ExitCode.OK


def _print(step: SmokeStep, started: datetime) -> None:
    seconds = _seconds(step, started)
    time = "missing" if seconds is None else f"{seconds:7.1f} s"
    style = "red" if seconds is None else "green"
    terminal().print(styled((f"{time:>9}", style), f"  {step.name:{NAME_COLUMNS}} {step.service}"))


def _print_end(order: SyntheticOrder, missing: list[SmokeStep], *, is_logged: bool) -> None:
    for step in missing:
        reason = f": {step.error}" if step.error else ""
        terminal(stderr=True).print_lines(f"{step.service} has not {_deed(step)}{reason}.", style="red")
    if missing:
        service = missing[0].service
        for command in (f"trace {order.order_id}", f"dlq ls --consumer {service}", "status"):
            terminal(stderr=True).print_lines(f"Run `orderbus {command}`.")
        terminal(stderr=True).print_lines("Then follow docs/runbook.md#heartbeat-missing.")
    else:
        terminal().print(f"order {order.order_id} is shipped")
        if not is_logged:
            services = ", ".join(BESIDE_IT)
            terminal().print(f"The order is not in the sample of logs: {services} are not checked.")


def _deed(step: SmokeStep) -> str:
    return "handled its events" if step.name == "handled" else f"published {step.name}"


def _seconds(step: SmokeStep, started: datetime) -> float | None:
    return None if step.at is None else (step.at - started).total_seconds()


def _document(order: SyntheticOrder, steps: list[SmokeStep], started: datetime) -> dict[str, Any]:
    return {
        "order": order.order_id,
        "steps": [
            {
                "step": step.name,
                "service": step.service,
                "seconds": _seconds(step, started),
                "error": step.error,
            }
            for step in steps
        ],
        "missing": [f"{step.service} {step.name}" for step in steps if step.at is None],
    }
