"""`orderbus views`: the options of its commands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.read_model.rebuild_command import rebuild_views
from cli.read_model.sales import show_sales

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("rebuild")
@dataclass(frozen=True, kw_only=True)
class ViewsRebuild(StageOptions):
    """Empty the read model and rebuild it from the event log, while events arrive."""

    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Rebuild the read model."""
        return rebuild_views(account, as_json=self.as_json, confirmed=self.yes)


@app.command("sales")
@dataclass(frozen=True, kw_only=True)
class ViewsSales(StageOptions):
    """Show the units and revenue of each SKU shipped on a day."""

    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day in UTC: 2026-11-23.")]

    def run_on(self, account: Account) -> ExitCode:
        """Show the sales."""
        return show_sales(account, self.day.date().isoformat(), as_json=self.as_json)
