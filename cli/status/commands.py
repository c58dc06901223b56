"""`orderbus status`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.errors import exclude
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions
from cli.status.status import show_status, watch_status

app = typer.Typer(add_completion=False)


@app.command()
@dataclass(frozen=True, kw_only=True)
class StatusCommand(StageOptions):
    """Show each component's queue depth, age and errors, and the alarms that fire."""

    watch: Annotated[bool, typer.Option("--watch", help="Refresh until Ctrl-C.")] = False
    every: Annotated[int, typer.Option(min=1, max=86_400, help="Seconds between refreshes of --watch.")] = 5
    check: Annotated[bool, typer.Option("--check", help="Fail if an alarm fires.")] = False

    def run_on(self, account: Account) -> ExitCode:
        """Show the status once, or until Ctrl-C."""
        if not self.watch:
            return show_status(account, datetime.now(UTC), as_json=self.as_json, check=self.check)
        if self.check or self.as_json:
            raise exclude("--watch", "--check" if self.check else "--json")
        return watch_status(account, lambda: datetime.now(UTC), lambda: sleep(self.every))
