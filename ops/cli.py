"""The operator's command line, `orderbus`."""

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli_orders import orders
from ops.cli_replay import replay, republish
from ops.dlq import dlq
from ops.exit_codes import ExitCode
from ops.failure import failures_said
from ops.options import Json, Yes, on_account

if TYPE_CHECKING:
    from ops.account import Account

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Orderbus: an order from checkout to shipment. Exit codes: ops/exit_codes.py and README.md.",
)

views = typer.Typer(no_args_is_help=True, help="The read model: customers' lists of orders, and sales.")
app.add_typer(views, name="views")
stock = typer.Typer(no_args_is_help=True, help="What is for sale, and more of it.")
app.add_typer(stock, name="stock")
app.add_typer(dlq, name="dlq")

events = typer.Typer(no_args_is_help=True, help="Partners' events: looked at, and put on the ingress bus.")
app.add_typer(events, name="events")

app.add_typer(orders, name="orders")
app.command()(replay)
app.command()(republish)

Port = Annotated[int, typer.Option(min=1, max=65535)]


@app.command()
def demo(
    orders: Annotated[int | None, typer.Option(min=1, help="How many made-up orders (20).")] = None,
    seed: Annotated[int, typer.Option(help="Decides every chance; the same seed, the same run.")] = 0,
    purchases: Annotated[Path | None, typer.Option(help="Real purchases to send in instead.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as one JSON object.")] = False,
) -> None:
    """Carry orders from checkout to shipment, offline, and show what happened."""
    with failures_said():
        from ops.demo import Wish, demo  # noqa: PLC0415 — moto and boto3, which `--help` should not wait for

        code = demo(Wish(orders=orders, seed=seed, purchases=purchases, as_json=as_json))
    raise typer.Exit(code)


@app.command()
def up(aws_port: Port = 4566, http_port: Port = 8080, seed: int = 0) -> None:
    """Serve the offline cloud on 127.0.0.1 until Ctrl-C, and say what to type."""
    with failures_said():
        from ops.up import up  # noqa: PLC0415 — as above

        code = up(aws_port=aws_port, http_port=http_port, seed=seed)
    raise typer.Exit(code)


@app.command()
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
    from ops.trace_view import Form, show_trace  # noqa: PLC0415 — as above

    form = Form.JSON if as_json else Form.MERMAID if mermaid else Form.TREE
    return show_trace(account, order, form, letters_as_of=datetime.now(UTC) if dead_letters else None)


@app.command()
@on_account
def status(
    account: "Account",
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,
    every: Annotated[int, typer.Option(min=1, help="Seconds between two looks of --watch.")] = 5,
    check: Annotated[bool, typer.Option("--check", help="Fail if an alarm rings.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show every hop's depth, age, dead letters and errors, and the alarms that ring."""
    from ops.status import show_status, watch_status  # noqa: PLC0415 — as above

    if watch:
        return watch_status(account, lambda: datetime.now(UTC), lambda: sleep(every))
    return show_status(account, datetime.now(UTC), as_json=as_json, check=check)


@views.command(name="rebuild")
@on_account
def views_rebuild(account: "Account", *, as_json: Json = False, yes: Yes = False) -> ExitCode:
    """Empty the read model and fill it again from the event log; events may arrive meanwhile."""
    from ops.views import rebuild_views  # noqa: PLC0415 — as above

    return rebuild_views(account, as_json=as_json, sure=yes)


@views.command(name="sales")
@on_account
def views_sales(
    account: "Account",
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day, in UTC: 2026-11-23.")],
    *,
    as_json: Json = False,
) -> ExitCode:
    """Show what was shipped on a day: units and revenue of each article."""
    from ops.views import show_sales  # noqa: PLC0415 — as above

    return show_sales(account, day.date().isoformat(), as_json=as_json)


@stock.command(name="ls")
@on_account
def stock_ls(account: "Account", *, as_json: Json = False) -> ExitCode:
    """Show what is for sale of every article."""
    from ops.stock import list_stock  # noqa: PLC0415 — as above

    return list_stock(account, as_json=as_json)


@stock.command(name="load")
@on_account
def stock_load(
    account: "Account",
    file: Annotated[Path, typer.Argument(help="A CSV file: sku,quantity or sku,quantity,reorder_level.")],
    *,
    reference: Annotated[str | None, typer.Option(help="The delivery's number; else its content.")] = None,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Add what has come in, once, by way of the ingress bus; without --yes only say what it adds."""
    from ops.stock import Wish, load_stock  # noqa: PLC0415 — as above

    wish = Wish(file=file, reference=reference, sure=yes, now=datetime.now(UTC))
    return load_stock(account, wish, as_json=as_json)


@stock.command(name="set")
@on_account
def stock_set(
    account: "Account",
    sku: Annotated[str, typer.Argument(help="The article.")],
    quantity: Annotated[
        int, typer.Argument(min=0, help="How many are to be for sale; never fewer than now.")
    ],
    *,
    as_json: Json = False,
    yes: Yes = False,
) -> ExitCode:
    """Add what an article is short of, once, by way of the ingress bus; without --yes only say it."""
    from ops.stock_target import Wish, set_stock  # noqa: PLC0415 — as above

    wish = Wish(sku=sku, quantity=quantity, sure=yes, now=datetime.now(UTC), sleep=sleep)
    return set_stock(account, wish, as_json=as_json)


Events = Annotated[Path, typer.Argument(help="CloudEvents: one document, a JSON array, or one a line.")]


@events.command(name="validate")
def events_validate(file: Events, *, as_json: Json = False) -> None:
    """Say of each document whether Orderbus would take it; needs no account."""
    with failures_said():
        from ops.events import validate_events  # noqa: PLC0415 — as above

        code = validate_events(file, as_json=as_json)
    raise typer.Exit(code)


@events.command(name="put")
@on_account
def events_put(account: "Account", file: Events, *, as_json: Json = False) -> ExitCode:
    """Put the documents on the ingress bus, if all are good, and name those it does not take."""
    from ops.events import put_events  # noqa: PLC0415 — as above

    return put_events(account, file, as_json=as_json)


@events.command(name="tail")
@on_account
def events_tail(  # noqa: PLR0913 - the options of a command line
    account: "Account",
    *,
    order: Annotated[list[str] | None, typer.Option(help="Every fact of this order; again for more.")] = None,
    fact: Annotated[list[str] | None, typer.Option(help="Only this fact; again for more.")] = None,
    since: Annotated[
        str | None, typer.Option(help="From then on: 2026-11-23T10:00Z, or 10m ago as 10m.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on until Ctrl-C.")] = True,
    data: Annotated[bool, typer.Option("--data", help="What each says as well: it may be personal.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show facts as they come: of an order from the event log, of all by what the relay logs."""
    from ops.moments import moment  # noqa: PLC0415 — as above
    from ops.tailing.commands import Wish, tail  # noqa: PLC0415 — as above

    now = datetime.now(UTC)
    start = moment(since, now=now)
    wish = Wish(
        orders=order or (),
        facts=fact or (),
        since=start,
        now=now,
        follow=follow,
        data=data,
        as_json=as_json,
        sleep=sleep,
    )
    return tail(account, wish)


def main() -> None:
    """The console entry point."""
    app()
