"""The operator's command line, `orderbus`: which commands there are, and in which order `--help` has them."""

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.closed_pipe import quiet_when_unread
from cli.core.errors import CommandError, failures_said, tracebacks_escaped
from cli.core.exit_codes import ExitCode
from cli.core.options import Json, on_account
from cli.core.output import prepare_streams
from cli.dlq.commands import dlq
from cli.events.commands import events
from cli.orders.commands import orders
from cli.read_model.commands import views
from cli.replay.commands import replay, republish
from cli.stock.commands import stock

if TYPE_CHECKING:
    from cli.core.account import Account

OFFLINE = "Offline, with no account"
LOOK = "Find out what happened"
MEND = "Put it right"
TRADE = "Orders, stock and sales"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - few ask

        from cli.core.terminal_text import terminal  # noqa: PLC0415 - as above

        terminal().print(f"orderbus {version('orderbus')}")
        raise typer.Exit


@app.callback()
def orderbus(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Orderbus: an order from checkout to shipment. docs/cli.md says what each exit code means."""


Port = Annotated[int, typer.Option(min=1, max=65535, help="Where to listen on 127.0.0.1.")]
Seed = Annotated[int, typer.Option(help="Decides every chance; the same seed, the same run.")]


@app.command(rich_help_panel=OFFLINE)
def demo(
    orders: Annotated[int | None, typer.Option(min=1, help="How many made-up orders (20).")] = None,
    seed: Seed = 0,
    purchases: Annotated[Path | None, typer.Option(help="Real purchases to send in instead.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Carry orders from checkout to shipment, offline, and show what happened."""
    with failures_said():
        from cli.demo.demo import Wish, demo  # noqa: PLC0415 - moto and boto3, which `--help` should not wait for

        code = demo(Wish(orders=orders, seed=seed, purchases=purchases, as_json=as_json))
    raise typer.Exit(code)


@app.command(rich_help_panel=OFFLINE)
def up(aws_port: Port = 4566, http_port: Port = 8080, seed: Seed = 0) -> None:
    """Serve the offline cloud on 127.0.0.1 until Ctrl-C, and say what to type."""
    with failures_said():
        from cli.demo.up import up  # noqa: PLC0415 - as above

        code = up(aws_port=aws_port, http_port=http_port, seed=seed)
    raise typer.Exit(code)


@app.command(rich_help_panel=LOOK)
@on_account
def status(
    account: "Account",
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    every: Annotated[int, typer.Option(min=1, max=86_400, help="Seconds between two looks of --watch.")] = 5,
    check: Annotated[bool, typer.Option("--check", help="Fail if an alarm rings.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show every hop's depth, age, dead letters and errors, and the alarms that ring."""
    from cli.status.actions import show_status, watch_status  # noqa: PLC0415 - as above

    if watch and (check or as_json):
        raise _exclude("--watch", "--check" if check else "--json")
    if watch:
        return watch_status(account, lambda: datetime.now(UTC), lambda: sleep(every))
    return show_status(account, datetime.now(UTC), as_json=as_json, check=check)


@app.command(rich_help_panel=LOOK)
@on_account
def trace(
    account: "Account",
    order: Annotated[str, typer.Argument(help="The order's id.")],
    *,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="A sequence diagram.")] = False,
    dead_letters: Annotated[
        bool, typer.Option("--dead-letters", help="Look for it in every dead-letter queue, too.")
    ] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show one order's way: each fact and its cause, who handled it, what was retried or set aside."""
    from cli.trace.render import Form, show_trace  # noqa: PLC0415 - as above

    if mermaid and as_json:
        raise _exclude("--mermaid", "--json")
    form = Form.JSON if as_json else Form.MERMAID if mermaid else Form.TREE
    return show_trace(account, order, form, letters_as_of=datetime.now(UTC) if dead_letters else None)


app.add_typer(events, name="events", rich_help_panel=LOOK)
app.add_typer(dlq, name="dlq", rich_help_panel=MEND)
app.command(rich_help_panel=MEND)(replay)
app.command(rich_help_panel=MEND)(republish)
app.add_typer(orders, name="orders", rich_help_panel=TRADE)
app.add_typer(stock, name="stock", rich_help_panel=TRADE)
app.add_typer(views, name="views", rich_help_panel=TRADE)


def _exclude(one: str, other: str) -> CommandError:
    return CommandError(f"{one} and {other} exclude each other.", hint="Leave one out.", code=ExitCode.USAGE)


def main() -> None:
    """The console entry point."""
    with tracebacks_escaped(), quiet_when_unread():
        prepare_streams()
        app(prog_name="orderbus")
