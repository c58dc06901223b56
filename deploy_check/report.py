"""What a person, or a program, sees of a run."""

import json
from collections.abc import Callable, Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from deploy_check.steps import Outcome


def watcher(console: Console) -> Callable[[Outcome], None]:
    """Says each step as soon as it is done."""

    def watch(outcome: Outcome) -> None:
        mark = "[green]✓[/green]" if outcome.passed else "[red]✗[/red]"
        console.print(f"{mark} {outcome.seconds:6.1f} s  {outcome.step}")

    return watch


def show(console: Console, title: str, outcomes: Sequence[Outcome], left_out: Sequence[str]) -> None:
    """The table of steps, what was left out, and a failing step's own words."""
    table = Table(title=f"\n{title}", title_justify="left")
    for heading in ("step", "", "seconds", "what was seen"):
        table.add_column(heading, justify="right" if heading == "seconds" else "left")
    for each in outcomes:
        first = each.words.splitlines()[0] if each.words else ""
        table.add_row(each.step, "ok" if each.passed else "FAILED", f"{each.seconds:.1f}", escape(first))
    table.add_row("all", "", f"{sum(each.seconds for each in outcomes):.1f}", "", style="bold")
    console.print(table)
    console.print(f"Left out of the templates, as the endpoint does not know them: {', '.join(left_out)}")
    for each in outcomes:
        if not each.passed:
            console.print(f"\n[red]{each.step} failed:[/red]\n{escape(each.words)}")


def as_json(title: str, outcomes: Sequence[Outcome], left_out: Sequence[str]) -> str:
    """The same as one JSON object."""
    document = {
        "pass": title,
        "passed": all(each.passed for each in outcomes),
        "seconds": round(sum(each.seconds for each in outcomes), 1),
        "left_out": list(left_out),
        "steps": [
            {
                "step": each.step,
                "passed": each.passed,
                "seconds": round(each.seconds, 1),
                "words": each.words,
            }
            for each in outcomes
        ],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)
