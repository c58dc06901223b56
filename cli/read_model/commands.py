"""`orderbus views`: the options of its commands."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.core.exit_codes import ExitCode
from cli.core.options import Json, Yes, on_account

if TYPE_CHECKING:
    from cli.core.account import Account

views = typer.Typer(no_args_is_help=True, help="The read model: customers' lists of orders, and sales.")


@views.command(name="rebuild")
@on_account
def views_rebuild(account: "Account", *, as_json: Json = False, yes: Yes = False) -> ExitCode:
    """Empty the read model and fill it again from the event log, while events arrive; with --yes."""
    from cli.read_model.actions import rebuild_views  # noqa: PLC0415 - boto3, which `--help` should not wait for

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
    from cli.read_model.actions import show_sales  # noqa: PLC0415 - as above

    return show_sales(account, day.date().isoformat(), as_json=as_json)
