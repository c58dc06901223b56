"""The output of a run, for people and programs."""

import json
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy_check.steps import StepResult


def step_reporter(console: Console) -> Callable[[StepResult], None]:
    """Return a function that prints each result at once."""

    def report_step(result: StepResult) -> None:
        mark = "[green]✓[/green]" if result.passed else "[red]✗[/red]"
        console.print(f"{mark} {result.seconds:6.1f} s  {result.step}")

    return report_step


def show(console: Console, title: str, results: Sequence[StepResult], omitted: Sequence[str]) -> None:
    """Print the table of steps, the omitted parts, and the message of a failed step."""
    table = Table(title=f"\n{title}", title_justify="left")
    for heading in ("step", "", "seconds", "result"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for each in results:
        first = each.message.splitlines()[0] if each.message else ""
        table.add_row(each.step, "ok" if each.passed else "FAILED", f"{each.seconds:.1f}", escape(first))
    table.add_row("all", "", f"{sum(each.seconds for each in results):.1f}", "", style="bold")
    console.print(table)
    console.print(f"Omitted from the templates, unsupported by the endpoint: {', '.join(omitted)}")
    for each in results:
        if not each.passed:
            console.print(f"\n[red]{each.step} failed:[/red]\n{escape(each.message)}")


def as_json(title: str, results: Sequence[StepResult], omitted: Sequence[str]) -> str:
    """Return the same as one JSON object."""
    document = {
        "pass": title,
        "passed": all(each.passed for each in results),
        "seconds": round(sum(each.seconds for each in results), 1),
        "omitted": list(omitted),
        "steps": [
            {
                "step": each.step,
                "passed": each.passed,
                "seconds": round(each.seconds, 1),
                "words": each.message,
            }
            for each in results
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
