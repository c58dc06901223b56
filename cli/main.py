"""The operator's command line, `orderbus`: its commands and their order in `--help`."""

import atexit
import gc
from importlib.metadata import version as version_of
from typing import Annotated, NoReturn, Protocol

import typer

from cli.core.closed_pipe import closed_pipes
from cli.core.errors import cli_errors, escaped_tracebacks
from cli.core.exit_codes import ExitCode
from cli.core.lazy_group import LazyCommand, LazyGroup
from cli.core.output import prepare_streams
from cli.core.terminal_text import terminal

OFFLINE = "Offline, without an AWS account"
DIAGNOSE = "Diagnose"
REPAIR = "Repair"
BUSINESS = "Orders, stock and sales"
DEVELOP = "Develop"

COMMANDS = (
    LazyCommand("demo", "cli.demo.commands:demo", OFFLINE, "Run sample orders to completion."),
    LazyCommand("up", "cli.demo.commands:up", OFFLINE, "Serve the offline cloud on 127.0.0.1."),
    LazyCommand("cost", "cli.cost.commands:app", OFFLINE, "Show what orders and a stage cost."),
    LazyCommand("status", "cli.status.commands:app", DIAGNOSE, "Show the health of every component."),
    LazyCommand("smoke", "cli.smoke.commands:app", DIAGNOSE, "Place a synthetic order and follow it."),
    LazyCommand("trace", "cli.trace.commands:app", DIAGNOSE, "Show the journey of one order."),
    LazyCommand("events", "cli.events.commands:app", DIAGNOSE, "Make, validate, publish and follow events."),
    LazyCommand("stream", "cli.stream.commands:app", DIAGNOSE, "Read and repair the ordered stream."),
    LazyCommand("replay", "cli.replay.commands:replay", REPAIR, "Replay facts to one consumer."),
    LazyCommand(
        "republish", "cli.replay.commands:republish", REPAIR, "Publish facts to all consumers again."
    ),
    LazyCommand(
        "restore", "cli.restore.commands:app", REPAIR, "Bring a stage back after its tables were restored."
    ),
    LazyCommand("dlq", "cli.dlq.commands:app", REPAIR, "Redrive, edit or purge dead-lettered messages."),
    LazyCommand("orders", "cli.orders.commands:app", BUSINESS, "Place, show and cancel orders."),
    LazyCommand(
        "customers", "cli.customers.commands:app", BUSINESS, "Export or erase a customer's personal data."
    ),
    LazyCommand("stock", "cli.stock.commands:app", BUSINESS, "Show and replenish stock."),
    LazyCommand("views", "cli.read_model.commands:app", BUSINESS, "Rebuild the read model; show sales."),
    LazyCommand("analytics", "cli.analytics.commands:app", BUSINESS, "Show live figures per minute."),
    LazyCommand("new", "cli.new.commands:app", DEVELOP, "Generate a consumer in a checkout."),
    LazyCommand("schema", "cli.schema.commands:app", DEVELOP, "Check the public schemas for breaks."),
)


class Orderbus(LazyGroup):
    """All commands, in the order of `--help`."""

    lazy_commands = COMMANDS


class Command(Protocol):
    """A command with the values of its options: each command is a dataclass, and a field is an option."""

    def run(self) -> ExitCode:
        """Run the command and return the exit code."""


def run_command(command: Command, **_: object) -> NoReturn:
    """Run the command that Typer has made of the command line, and exit with its code."""
    with cli_errors():
        code = command.run()
    raise typer.Exit(code)


app = typer.Typer(
    cls=Orderbus,
    result_callback=run_command,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        terminal().print(f"orderbus {version_of('orderbus')}")
        raise typer.Exit


@app.callback()
def orderbus(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Operate Orderbus, from checkout to shipment. docs/cli.md lists the exit codes."""


def main() -> None:
    """Run the command line; the console entry point."""
    atexit.register(gc.freeze)  # or the process visits all of its memory once more when it ends
    with escaped_tracebacks(), closed_pipes():
        prepare_streams()
        app(prog_name="orderbus")
