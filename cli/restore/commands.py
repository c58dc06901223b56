"""`orderbus restore`: the options of its commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Annotated
from uuid import uuid4

import typer

from cli.core.account import Account
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.restore import traffic
from cli.restore.archived_events import RecoveryRequest, restore_events
from cli.restore.state_command import StateRequest, restore_state

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("stop")
@dataclass(frozen=True, kw_only=True)
class RestoreStop(StageOptions):
    """Stop all functions but the relay; messages wait in their queues."""

    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Stop them."""
        return traffic.stop(account, as_json=self.as_json, confirmed=self.yes)


@app.command("start")
@dataclass(frozen=True, kw_only=True)
class RestoreStart(StageOptions):
    """Start the functions again that `restore stop` has stopped."""

    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Start them."""
        return traffic.start(account, as_json=self.as_json, confirmed=self.yes)


@app.command("events")
@dataclass(frozen=True, kw_only=True)
class RestoreEvents(StageOptions):
    """Put events of the archive back into the event log, after its table was restored."""

    since: Annotated[
        str, typer.Option(help="From then on: 2026-11-23T10:00Z, or 2h. A few minutes before the time.")
    ]
    until: Annotated[str | None, typer.Option(help="Before then; same formats. The default is now.")] = None
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Put them back."""
        request = RecoveryRequest(
            now=datetime.now(UTC),
            since=self.since,
            until=self.until,
            action_id=str(uuid4()),
            confirmed=self.yes,
            sleep=sleep,
        )
        return restore_events(account, request, as_json=self.as_json)


@app.command("state")
@dataclass(frozen=True, kw_only=True)
class RestoreState(StageOptions):
    """Check stock, waiting orders, payments and claims against the event log, and correct them."""

    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Compare and correct them."""
        request = StateRequest(now=datetime.now(UTC), action_id=str(uuid4()), confirmed=self.yes)
        return restore_state(account, request, as_json=self.as_json)
