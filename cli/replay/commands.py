"""`orderbus replay` and `orderbus republish`: the options of both commands."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from typing import Annotated
from uuid import uuid4

import typer

from cli.core.account import Account
from cli.core.completion import consumers, facts
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.replay.archive import replay_archive
from cli.replay.event_log import replay_log, republish_log
from cli.replay.request import ReplayRequest, RunOptions

replay = typer.Typer(add_completion=False)
republish = typer.Typer(add_completion=False)


@dataclass(frozen=True, kw_only=True)
class EventLogOptions(StageOptions):
    """A command that sends facts of the event log again."""

    order: Annotated[
        list[str] | None, typer.Option("--order", help="Only facts about this order; may be repeated.")
    ] = None
    since: Annotated[
        str | None, typer.Option(help="Only facts from then on: 2026-11-23T10:00Z, or 2h for 2 hours ago.")
    ] = None
    until: Annotated[str | None, typer.Option(help="Only facts before then; same formats.")] = None
    progress: Annotated[
        Path | None, typer.Option(help="A file to record progress in, and to resume from.")
    ] = None
    rate: Annotated[float, typer.Option(min=0.1, max=3000, help="The maximum of facts per second.")] = 100.0
    yes: Yes = False

    def request(self) -> ReplayRequest:
        """Return the request to select facts."""
        return ReplayRequest(
            now=datetime.now(UTC),
            orders=tuple(self.order or ()),
            since=self.since,
            until=self.until,
            progress=self.progress,
        )

    def run_options(self, *, wait: bool = True) -> RunOptions:
        """Return the options of the run, with an action id of its own."""
        return RunOptions(
            is_confirmed=self.yes,
            as_json=self.as_json,
            sleep=sleep,
            rate=self.rate,
            action_id=str(uuid4()),
            wait=wait,
        )


@replay.command("replay")
@dataclass(frozen=True, kw_only=True)
class ReplayCommand(EventLogOptions):
    """Replay facts to one consumer, from the event log or the archive.

    Without --yes only show what would be replayed.
    """

    consumer: Annotated[
        str | None, typer.Argument(autocompletion=consumers, help="The only consumer that gets the facts.")
    ] = None
    into: Annotated[
        str | None, typer.Option(help="A new consumer instead: replay all facts that it consumes.")
    ] = None
    from_archive: Annotated[
        bool, typer.Option("--from-archive", help="Use an EventBridge replay of the archive.")
    ] = False
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the end of the EventBridge replay.")
    ] = True
    fact: Annotated[
        list[str] | None,
        typer.Option("--fact", autocompletion=facts, help="Only this fact; may be repeated."),
    ] = None

    def run_on(self, account: Account) -> ExitCode:
        """Replay the facts."""
        request = replace(
            self.request(),
            consumer=self.consumer,
            into=self.into,
            from_archive=self.from_archive,
            facts=tuple(self.fact or ()),
        )
        run = replay_archive if self.from_archive else replay_log
        return run(account, request, self.run_options(wait=self.wait))


@republish.command("republish")
@dataclass(frozen=True, kw_only=True)
class RepublishCommand(EventLogOptions):
    """Publish facts to all consumers again, through the relay.

    Use it when the event log's stream was interrupted for longer than its retention of a day.
    Without --yes only show what would be published.
    """

    def run_on(self, account: Account) -> ExitCode:
        """Publish the facts."""
        return republish_log(account, self.request(), self.run_options())
