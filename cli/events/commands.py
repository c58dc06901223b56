"""`orderbus events`: the options of its commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.completion import facts
from cli.core.exit_codes import ExitCode
from cli.core.options import Json, StageOptions
from cli.core.times import parse_time
from cli.events.publish import put_events, validate_events
from cli.events.tail import TailOptions, tail

app = typer.Typer(no_args_is_help=True, add_completion=False)

Events = Annotated[Path, typer.Argument(help="CloudEvents: one document, a JSON array, or one per line.")]


@app.command("validate")
@dataclass(frozen=True, kw_only=True)
class EventsValidate:
    """Check whether Orderbus accepts each document; needs no account.

    A document without a time is checked with the current time, as `put` would send it.
    """

    file: Events
    as_json: Json = False

    def run(self) -> ExitCode:
        """Check each document."""
        return validate_events(self.file, now=datetime.now(UTC), as_json=self.as_json)


@app.command("put")
@dataclass(frozen=True, kw_only=True)
class EventsPut(StageOptions):
    """Put the documents on the ingress bus if all are valid, and list rejected ones.

    A document without a time gets the current time. Putting the same id and data again changes nothing.
    """

    file: Events

    def run_on(self, account: Account) -> ExitCode:
        """Put the documents on the ingress bus."""
        return put_events(account, self.file, now=datetime.now(UTC), as_json=self.as_json)


@app.command("tail")
@dataclass(frozen=True, kw_only=True)
class EventsTail(StageOptions):
    """Show facts as they arrive: of one order from the event log, of all from the relay's log."""

    order: Annotated[
        list[str] | None, typer.Option(help="Show every fact of this order; may be repeated.")
    ] = None
    fact: Annotated[
        list[str] | None, typer.Option(autocompletion=facts, help="Show only this fact; may be repeated.")
    ] = None
    since: Annotated[
        str | None, typer.Option(help="Start at this time: 2026-11-23T10:00Z, or 10m for 10 minutes ago.")
    ] = None
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Continue until Ctrl-C.")] = True
    data: Annotated[bool, typer.Option("--data", help="Show the payload, too; it may be personal data.")] = (
        False
    )

    def run_on(self, account: Account) -> ExitCode:
        """Show the facts."""
        now = datetime.now(UTC)
        options = TailOptions(
            orders=self.order or (),
            facts=self.fact or (),
            since=parse_time(self.since, now=now),
            now=now,
            follow=self.follow,
            data=self.data,
            as_json=self.as_json,
            sleep=sleep,
        )
        return tail(account, options)
