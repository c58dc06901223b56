"""The work of warm functions: instructions of each for one order, while orders come ten at a time.

    python -m benchmarks.warm

Ten orders are placed at once on the offline cloud. Then a Python 3.13 repeats each function's invocations,
with AWS's responses, under callgrind. It needs what `benchmarks.cold_start` needs.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cold_start import count_instructions, path_of, runtime_packages
from benchmarks.recordings import Recording, record_invocations
from cli.core.terminal_text import terminal, write_json
from infrastructure.orderbus import ROOT

ORDERS = 10
WARM = Path(__file__).with_name("warm_invocations.py")
GOAL = 100
"""Millions of instructions for one order."""
AS_IN_PRODUCTION = {"SUCCESS_LOG_RATE": "0.03"}


def measure(invocations: list[Recording], python: Path, runtime: Path) -> int:
    """Return the millions of instructions of the invocations, with those of switching the count."""
    environment: dict[str, str] = {"PYTHONPATH": str(runtime)}
    if invocations:
        environment |= invocations[0]["environment"] | path_of(invocations[0], runtime) | AS_IN_PRODUCTION
    # Append ours last: the function's files come from its bundle.
    environment["PYTHONPATH"] += f"{os.pathsep}{ROOT}"
    environment["PATH"] = os.environ["PATH"]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(invocations, file)
        file.flush()
        return count_instructions(python, [str(WARM), file.name], environment, at_start=False)


def main(
    functions: Annotated[list[str] | None, typer.Argument(help="Handlers, by a part of the name.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print the millions of instructions of each function for one order."""
    installed = ROOT / ".venv-3.13" / "bin" / "python"
    recordings = record_invocations(orders=ORDERS)
    with tempfile.TemporaryDirectory() as scratch:
        runtime = runtime_packages(Path(scratch), installed)
        nothing = measure([], installed.resolve(), runtime)
        rows = {
            name.removeprefix("functions.").removesuffix(".handle"): (
                len(invocations) / ORDERS,
                (measure(invocations, installed.resolve(), runtime) - nothing) / ORDERS,
            )
            for name, invocations in sorted(recordings.items())
            if not functions or any(part in name for part in functions)
        }
    total = sum(instructions for _, instructions in rows.values())
    if as_json:
        write_json({"functions": rows, "total": total, "goal": GOAL})
        return
    cells = [(name, f"{number:.1f}", f"{work:.1f}") for name, (number, work) in rows.items()]
    cells.append(("in all", "", f"{total:.1f}"))
    terminal().print_table(
        ("function", "invocations an order", "millions of instructions"), cells, right=frozenset({1, 2})
    )


if __name__ == "__main__":
    typer.run(main)
