"""The work of a cold start: instructions of the import and the first invocation, as the function is shipped.

    python -m benchmarks.cold_start

Each function's first event, and AWS's responses to it, come from an order on the offline cloud. Then a fresh
Python 3.13 imports the handler from its bundle, its layer and a copy of the runtime's boto3, and handles the
event once under callgrind, which counts the same instructions on every machine. The unit is a process that
makes one `boto3.client("dynamodb")`. It needs valgrind and `.venv-3.13` (`make lambda-runtime`).

Functions that this order does not invoke (a bridge, the ordered stream) are imported only.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.recordings import Recording, record_invocations
from infrastructure.orderbus import ORDERBUS, ROOT

RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
"""Packages that Lambda's Python 3.13 includes: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html"""
FIRST_INVOCATION = Path(__file__).with_name("first_invocation.py")
SERVICES = {
    each.name: each
    for each in (
        *ORDERBUS.topology.services,
        *ORDERBUS.topology.stream_consumers,
        *ORDERBUS.topology.bridges,
    )
}
STREAM = "functions.stream.handler.handle"
"""The publisher of the ordered stream, which is part of the platform as the relay is."""
BASE = "import boto3; boto3.client('dynamodb')"


def record_first_invocations() -> dict[str, Recording]:
    """Carry one order to shipment offline; return the first invocation of each function by handler."""
    recorded = record_invocations(orders=1, minutes=1)
    return {name: invocations[0] for name, invocations in recorded.items()}


def uninvoked(recordings: Mapping[str, Recording]) -> dict[str, Recording]:
    """Return the other functions of the topology by handler, without an event."""
    environment = next(iter(recordings.values()))["environment"]
    names = [
        f"functions.{service.name}.{function.module}.handle"
        for service in SERVICES.values()
        for function in service.functions
    ]
    return {
        name: {"handler": name, "event": None, "responses": [], "environment": environment}
        for name in (*names, STREAM)
        if name not in recordings
    }


def count_instructions(
    python: Path, arguments: list[str], environment: Mapping[str, str], *, at_start: bool = True
) -> int:
    """Return the instructions of one process, in millions; without `at_start` those while it counts."""
    callgrind = ["--tool=callgrind", f"--instr-atstart={'yes' if at_start else 'no'}"]
    done = subprocess.run(  # noqa: S603 - our own script
        ["valgrind", *callgrind, "--callgrind-out-file=/dev/null", str(python), "-s", *arguments],  # noqa: S607 - where it is installed differs
        env={**environment, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "Traceback" in done.stderr:
        raise RuntimeError(f"{arguments} failed:\n{done.stderr[-3000:]}")
    return round(int(re.findall(r"Collected : (\d+)", done.stderr)[0]) / 1e6)


def path_of(recording: Recording, runtime: Path) -> dict[str, str]:
    """Return the variables by which Python finds the function's bundle, its layer and the runtime."""
    name, module = recording["handler"].split(".")[1:3]
    service = SERVICES.get(name)
    files, folders, packages = (
        (service.files, service.folders, service.packages) if service else ((), (), None)
    )
    bundle = ORDERBUS.bundles.code(name, module, files, folders=folders)
    layers = [ORDERBUS.bundles.layer("x86_64")]
    if packages:
        layers.append(ORDERBUS.bundles.layer("x86_64", packages_of=packages))
    return {
        "PYTHONPATH": os.pathsep.join(map(str, (bundle, *(each / "python" for each in layers), runtime))),
        "LAMBDA_TASK_ROOT": str(bundle),
    }


def measure(recording: Recording, python: Path, runtime: Path, *, invoke: bool) -> int:
    """Return the millions of instructions of the import, or of the import and the first invocation."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({**recording, "invoke": invoke}, file)
        file.flush()
        environment = {**recording["environment"], **path_of(recording, runtime)}
        return count_instructions(python, [str(FIRST_INVOCATION), file.name], environment)


def runtime_packages(folder: Path, python: Path) -> Path:
    """Link what the runtime brings into an empty folder; return the folder."""
    installed = next((python.parents[1] / "lib").glob("python3.*/site-packages"))
    subprocess.run(  # noqa: S603 - our own interpreter
        [str(python), "-m", "compileall", "-q", *(str(installed / name) for name in RUNTIME_PACKAGES)],
        check=False,
    )
    for name in RUNTIME_PACKAGES:
        (folder / name).symlink_to(installed / name)
    (folder / "__pycache__").symlink_to(installed / "__pycache__")  # of six.py
    return folder


def main(
    functions: Annotated[list[str] | None, typer.Argument(help="Handlers, by a part of the name.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Print the millions of instructions of each function's cold start, and their ratio to the base."""
    python = ROOT / ".venv-3.13" / "bin" / "python"
    base_python = python.resolve()
    recordings = record_first_invocations()
    recordings |= uninvoked(recordings)
    chosen = {
        name: each
        for name, each in recordings.items()
        if not functions or any(part in name for part in functions)
    }
    with tempfile.TemporaryDirectory() as scratch:
        runtime = runtime_packages(Path(scratch), python)
        aws = {"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        base = count_instructions(base_python, ["-c", BASE], {**aws, "PYTHONPATH": str(runtime)})
        rows = {}
        for name, recording in sorted(chosen.items()):
            steps = (False, True) if recording["event"] is not None else (False,)
            counts = [measure(recording, base_python, runtime, invoke=invoke) for invoke in steps]
            rows[name.removeprefix("functions.").removesuffix(".handle")] = counts
    if as_json:
        Console().print_json(data={"base": base, "functions": rows})
        return
    table = Table(title=f"Millions of instructions; a bare client takes {base}")
    for heading in ("function", "import", "and first invocation", "of a bare client"):
        table.add_column(heading, justify="left" if heading == "function" else "right")
    for name, counts in rows.items():
        invoked = str(counts[1]) if counts[1:] else "-"
        table.add_row(name, str(counts[0]), invoked, f"{counts[-1] / base:.3f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
