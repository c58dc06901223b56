"""The budget of every path: the counted requests and units, in `budget.json`.

`python -m benchmarks.budget` writes it again, and what the templates of the stages say about cost.
With `--show` it prints the counts per path, and keeps the files.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from msgspec import json

from cli.core.terminal_text import terminal
from cli.cost.assembly import assembly_of, stage_names
from cli.cost.counting.count import count
from cli.cost.counting.counts import Counts, PathCount
from cli.cost.stage_template import StageTemplate, read_templates
from cli.demo.deployment import deployed_names, offline_cloud
from infrastructure.names import Names

BUDGET = Path(__file__).parent / "budget.json"
STAGES = Path(__file__).parent / "stages.json"
LIMITED = ("requests", "invocations", "events", "publishes", "http_requests", "write_units", "read_units")
"""The budgeted quantities of a path, each an attribute of PathCount."""


def read_budget() -> Counts:
    """Return the counts in the file."""
    return json.decode(BUDGET.read_bytes(), type=Counts)


def write_budget(counts: Counts) -> None:
    """Write the counts to the file."""
    BUDGET.write_bytes(json.format(json.encode(counts), indent=1) + b"\n")


def read_stages() -> dict[str, StageTemplate]:
    """Return what the templates of each stage say about cost and limits."""
    return json.decode(STAGES.read_bytes(), type=dict[str, StageTemplate])


def write_stages(report: Callable[[str], None]) -> None:
    """Synthesize each stage of cdk.json, and write what its templates say."""
    stages = {}
    for name in stage_names():
        report(f"Synthesizing the stage {name} …")
        with assembly_of(name) as assembly:
            stages[name] = read_templates(assembly, Names(name).prefix)
    STAGES.write_bytes(json.format(json.encode(stages, order="sorted"), indent=1) + b"\n")


def differences(path: PathCount, budget: PathCount) -> dict[str, tuple[float, float]]:
    """Return what differs from the budget: the number now, and the number allowed."""
    pairs = {name: (getattr(path, name), getattr(budget, name)) for name in LIMITED}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def verdict(name: str, path: PathCount, budget: PathCount) -> str:
    """Return what to do about a path that differs from its budget; empty if it does not."""
    found = differences(path, budget)
    if not found:
        return ""
    numbers = ", ".join(f"{unit} {now:g} instead of {allowed:g}" for unit, (now, allowed) in found.items())
    if any(now > allowed for now, allowed in found.values()):
        return f"{name} became more expensive: {numbers}. Make it cheaper, or run `make budget` and say why."
    return f"{name} became cheaper: {numbers}. Lower the budget: run `make budget`."


def main(*, show: Annotated[bool, typer.Option("--show", help="Print the counts only.")] = False) -> None:
    """Count every path offline; write the budget, or print it."""
    console = terminal()
    with offline_cloud(seed=0, start_at=None) as cloud, console.progress() as report:
        counts = count(cloud, deployed_names(cloud.outputs), report)
        if not show:
            write_budget(counts)
            write_stages(report)
    rows = ((name, *(f"{getattr(path, unit):g}" for unit in LIMITED)) for name, path in counts.paths.items())
    console.print_table(("path", *LIMITED), rows, right=frozenset(range(1, 1 + len(LIMITED))))


if __name__ == "__main__":
    typer.run(main)
