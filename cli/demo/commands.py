"""`orderbus demo` and `orderbus up`: the commands that need no AWS account."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.core.exit_codes import ExitCode
from cli.core.options import Json
from cli.demo.demo import DemoOptions
from cli.demo.demo import demo as run_demo
from cli.demo.up import UpOptions
from cli.demo.up import up as serve
from pocketcloud.virtual_time.latency import MAX_SPEED, Latency

demo = typer.Typer(add_completion=False)
up = typer.Typer(add_completion=False)

Port = Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1.")]
Seed = Annotated[int, typer.Option(help="The random seed; the same seed repeats the run.")]


@demo.command()
@dataclass(frozen=True, kw_only=True)
class DemoCommand:
    """Run sample orders from checkout to shipment offline, and show what happened."""

    orders: Annotated[int | None, typer.Option(min=1, help="The number of sample orders (20).")] = None
    seed: Seed = 0
    purchases: Annotated[Path | None, typer.Option(help="A file of real purchases to send instead.")] = None
    as_json: Json = False

    def run(self) -> ExitCode:
        """Run the demo."""
        return run_demo(
            DemoOptions(orders=self.orders, seed=self.seed, purchases=self.purchases, as_json=self.as_json)
        )


@up.command()
@dataclass(frozen=True, kw_only=True)
class UpCommand:
    """Serve the offline cloud on 127.0.0.1 until Ctrl-C, and print commands to try."""

    aws_port: Port = 4566
    http_port: Port = 8080
    seed: Seed = 0
    latency: Annotated[
        Latency, typer.Option(help="Deliver in the time that AWS publishes for each hop, or at once.")
    ] = Latency.PUBLISHED
    speed: Annotated[
        float,
        typer.Option(
            min=1, max=MAX_SPEED, metavar="TIMES", help="Let time pass this many times as fast as real time."
        ),
    ] = 1
    role: Annotated[
        str | None,
        typer.Option("--as", metavar="ROLE", help="Give clients the permissions of this role: ARN or name."),
    ] = None

    def run(self) -> ExitCode:
        """Serve until Ctrl-C."""
        return serve(
            UpOptions(
                aws_port=self.aws_port,
                http_port=self.http_port,
                seed=self.seed,
                latency=self.latency,
                speed=self.speed,
                role=self.role,
            )
        )
