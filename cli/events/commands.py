"""`orderbus events`: the options of its commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from time import sleep
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.completion import facts
from cli.core.exit_codes import ExitCode
from cli.core.options import Json, StageOptions
from cli.core.times import parse_time
from cli.events.assignment import Assignment
from cli.events.make import MakeOptions, make_event
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


@app.command("make")
@dataclass(frozen=True, kw_only=True)
class EventsMake:
    """Generate a valid event from its schema and class, and print it; needs no account.

    `orderbus events make CheckoutCompleted > event.json` writes a file for `events put`.
    """

    event: Annotated[str, typer.Argument(autocompletion=facts, help="The fact, such as OrderCreated.")]
    version: Annotated[int | None, typer.Option(min=1, help="The schema's version; the latest.")] = None
    seed: Annotated[int | None, typer.Option(help="Repeat the same random data.")] = None
    full: Annotated[bool, typer.Option("--full/--minimal", help="With every optional field.")] = False
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Set a value, as `data.lines[0].quantity=2`."),
    ] = None
    entry: Annotated[bool, typer.Option("--entry", help="Print it as entries of PutEvents.")] = False
    bus: Annotated[str | None, typer.Option(help="Name the bus in the entry.")] = None
    as_json: Annotated[bool, typer.Option("--json", help="Print it on one line, for scripts.")] = False

    def run(self) -> ExitCode:
        """Generate the event."""
        options = MakeOptions(
            event=self.event,
            version=self.version,
            seed=randbits(32) if self.seed is None else self.seed,
            full=self.full,
            assignments=[Assignment.of(each) for each in self.assignments or ()],
            now=datetime.now(UTC),
            entry=self.entry,
            bus=self.bus,
            as_json=self.as_json,
        )
        return make_event(options)


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
