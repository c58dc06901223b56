"""`orderbus events`: the options of its commands."""

from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.completion import facts
from cli.core.errors import failures_said
from cli.core.exit_codes import ExitCode
from cli.core.options import Json, on_account

if TYPE_CHECKING:
    from cli.core.account import Account

events = typer.Typer(
    no_args_is_help=True,
    help="Partners' events looked at and put on the ingress bus, and facts as they come.",
)

Events = Annotated[Path, typer.Argument(help="CloudEvents: one document, a JSON array, or one a line.")]


@events.command(name="validate")
def events_validate(file: Events, *, as_json: Json = False) -> None:
    """Say of each document whether Orderbus would take it; needs no account.

    A document without a time is checked with the time it has now, as `put` would send it.
    """
    with failures_said():
        from cli.events.actions import validate_events  # noqa: PLC0415 - boto3, which `--help` should not wait for

        code = validate_events(file, now=datetime.now(UTC), as_json=as_json)
    raise typer.Exit(code)


@events.command(name="put")
@on_account
def events_put(account: "Account", file: Events, *, as_json: Json = False) -> ExitCode:
    """Put the documents on the ingress bus, if all are good, and name those it does not take.

    A document without a time gets the time now. Putting the same id and data again changes nothing.
    """
    from cli.events.actions import put_events  # noqa: PLC0415 - as above

    return put_events(account, file, now=datetime.now(UTC), as_json=as_json)


@events.command(name="tail")
@on_account
def events_tail(  # noqa: PLR0913 - the options of a command line
    account: "Account",
    *,
    order: Annotated[list[str] | None, typer.Option(help="Every fact of this order; again for more.")] = None,
    fact: Annotated[
        list[str] | None, typer.Option(autocompletion=facts, help="Only this fact; again for more.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="From then on: 2026-11-23T10:00Z, or 10m ago as 10m.")
    ] = None,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on until Ctrl-C.")] = True,
    data: Annotated[bool, typer.Option("--data", help="What each says as well: it may be personal.")] = False,
    as_json: Json = False,
) -> ExitCode:
    """Show facts as they come: of an order from the event log, of all by what the relay logs."""
    from cli.core.times import moment  # noqa: PLC0415 - as above
    from cli.events.tail_commands import Wish, tail  # noqa: PLC0415 - as above

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
