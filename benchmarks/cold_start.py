"""The work of a cold start: instructions of the import and the first invocation, as the function is shipped.

    python -m benchmarks.cold_start

Each function's first event, and AWS's responses to it, come from an order on the offline cloud. Then a fresh
Python 3.13 imports the handler from its bundle, its layer and a copy of the runtime's boto3, and handles the
event once under callgrind, which counts the same instructions on every machine. The unit is a process that
makes one `boto3.client("dynamodb")`. It needs valgrind and `.venv-3.13` (`make lambda-runtime`).
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from unittest.mock import patch

import typer
from rich.console import Console
from rich.table import Table

from cli.demo.deployment import deployed_names, seed
from cli.demo.sample_orders import PRICES, sample_orders, seeded_random, stock_for
from cli.demo.submit import OrderSender
from infrastructure.orderbus import ORDERBUS, ROOT
from pocketcloud import OfflineCloud
from pocketcloud.awslambda.sandbox import Sandbox
from pocketcloud.core.aws_calls import AwsCall

RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3")
"""What Lambda's Python 3.13 has on its path: https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html"""
FIRST_INVOCATION = Path(__file__).with_name("first_invocation.py")
BASE = "import boto3; boto3.client('dynamodb')"

Recording = dict[str, Any]
"""`{"handler", "event", "responses", "environment"}`."""


def record_first_invocations() -> dict[str, Recording]:
    """Carry one order to shipment offline; return the first invocation of each function by handler."""
    recordings: dict[str, Recording] = {}
    with OfflineCloud.start(start_at=datetime.now(UTC)) as cloud, _recorded(cloud, recordings):
        names, random = deployed_names(cloud.outputs), seeded_random(0)
        order = sample_orders(1, random)[0]
        seed(cloud, names, PRICES, stock_for([order]))
        OrderSender(cloud, names, random).place(order)
        cloud.settle()
    return recordings


@contextmanager
def _recorded(cloud: OfflineCloud, recordings: dict[str, Recording]) -> Iterator[None]:
    running: list[Recording] = []
    original = Sandbox.handler

    def handler(sandbox: Sandbox) -> Callable[[Any, Any], Any]:
        name, handle = vars(sandbox)["_name"], original(sandbox)

        def handle_recorded(event: object, context: object) -> object:
            recording = {"handler": name, "event": event, "responses": [], "environment": {**os.environ}}
            recordings.setdefault(name, recording)
            running.append(recording)
            try:
                return handle(event, context)
            finally:
                running.pop()

        return handle_recorded

    def note(_call: AwsCall, proceed: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        response = proceed()
        body = {name: value for name, value in response.items() if name != "ResponseMetadata"}
        running[-1]["responses"].append(body)
        return response

    cloud.calls.middleware.append(note)
    with patch.object(Sandbox, "handler", handler):
        yield


def count_instructions(python: Path, arguments: list[str], environment: Mapping[str, str]) -> int:
    """Return the instructions of one process, in millions."""
    done = subprocess.run(  # noqa: S603 - our own script
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", str(python), "-s", *arguments],  # noqa: S607 - where it is installed differs
        env={**environment, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or "Traceback" in done.stderr:
        raise RuntimeError(f"{arguments} failed:\n{done.stderr[-3000:]}")
    return round(int(re.findall(r"Collected : (\d+)", done.stderr)[0]) / 1e6)


def measure(recording: Recording, python: Path, runtime: Path, *, invoke: bool) -> int:
    """Return the millions of instructions of the import, or of the import and the first invocation."""
    service, module = recording["handler"].split(".")[1:3]
    files = next((each.files for each in ORDERBUS.topology.services if each.name == service), ())
    bundle = ORDERBUS.bundles.code(service, module, files)
    layer = ORDERBUS.bundles.layer("x86_64") / "python"
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({**recording, "invoke": invoke}, file)
        file.flush()
        path = os.pathsep.join(map(str, (bundle, layer, runtime)))
        environment = {**recording["environment"], "PYTHONPATH": path, "LAMBDA_TASK_ROOT": str(bundle)}
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
            both = [measure(recording, base_python, runtime, invoke=invoke) for invoke in (False, True)]
            rows[name.removeprefix("functions.").removesuffix(".handle")] = both
    if as_json:
        Console().print_json(data={"base": base, "functions": rows})
        return
    table = Table(title=f"Millions of instructions; a bare client takes {base}")
    for heading in ("function", "import", "and first invocation", "of a bare client"):
        table.add_column(heading, justify="left" if heading == "function" else "right")
    for name, (imported, invoked) in rows.items():
        table.add_row(name, str(imported), str(invoked), f"{invoked / base:.3f}")
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
