"""`orderbus stream`: the options of its commands."""

from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Annotated

import typer

from cli.core.account import Account
from cli.core.errors import CommandError, exclude
from cli.core.exit_codes import ExitCode
from cli.core.options import StageOptions, Yes
from cli.core.times import parse_time
from cli.stream.fill import LATEST_AGE, FillOptions, fill_stream
from cli.stream.lag import show_lag
from cli.stream.ls import list_shards
from cli.stream.read import StreamReadOptions, is_sequence_number, read_stream
from cli.stream.replay import ReplayOptions, replay_stream
from cli.stream.view_names import delete_view

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.command("ls")
@dataclass(frozen=True, kw_only=True)
class StreamList(StageOptions):
    """Show the stream's mode, retention and shards."""

    def run_on(self, account: Account) -> ExitCode:
        """List the shards."""
        return list_shards(account, as_json=self.as_json)


@app.command("read")
@dataclass(frozen=True, kw_only=True)
class StreamRead(StageOptions):
    """Show the records of the stream, each order's in order."""

    start: Annotated[
        str | None,
        typer.Option("--from", help="Start at a time, 10m for ten minutes ago, or a sequence number."),
    ] = None
    shard: Annotated[str | None, typer.Option(help="Read only this shard.")] = None
    follow: Annotated[bool, typer.Option("--follow", help="Continue until Ctrl-C.")] = False
    data: Annotated[bool, typer.Option("--data", help="Show the payload, too; it may be personal data.")] = (
        False
    )

    def run_on(self, account: Account) -> ExitCode:
        """Print the records."""
        options = StreamReadOptions(
            start=self.start,
            shard=self.shard,
            follow=self.follow,
            data=self.data,
            as_json=self.as_json,
            now=datetime.now(UTC),
            sleep=sleep,
        )
        return read_stream(account, options)


@app.command("lag")
@dataclass(frozen=True, kw_only=True)
class StreamLag(StageOptions):
    """Show how far each consumer is behind, for each shard."""

    def run_on(self, account: Account) -> ExitCode:
        """Show the lag."""
        return show_lag(account, now=datetime.now(UTC), as_json=self.as_json)


@app.command("fill")
@dataclass(frozen=True, kw_only=True)
class StreamFill(StageOptions):
    """Put the facts of the event log on the stream that it lacks, after an outage.

    Without --yes only count them. The window must be within the stream's retention.
    """

    since: Annotated[str, typer.Option(help="The first fact's time: 2026-11-23T10:00Z, or 2h.")]
    until: Annotated[str | None, typer.Option(help="The end of the window; a minute ago by default.")] = None
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Put the missing facts."""
        now = datetime.now(UTC)
        options = FillOptions(
            since=parse_time(self.since, now=now) or now,
            until=parse_time(self.until, now=now) or now - LATEST_AGE,
            confirmed=self.yes,
            as_json=self.as_json,
            sleep=sleep,
        )
        return fill_stream(account, options)


@app.command("replay")
@dataclass(frozen=True, kw_only=True)
class StreamReplay(StageOptions):
    """Replay the stream into a new view of the live figures; with --swap show it instead.

    The old view is shown and counted meanwhile. Run it again with the same options after an interruption.
    """

    view: Annotated[str, typer.Argument(help="The name of the new view.")]
    start: Annotated[
        str | None,
        typer.Option("--from", help="Build the minutes from a time, an age or a sequence number on."),
    ] = None
    shard: Annotated[str | None, typer.Option(help="The shard of the sequence number.")] = None
    follow: Annotated[bool, typer.Option("--follow", help="Continue until Ctrl-C; do not show it.")] = False
    swap: Annotated[bool, typer.Option("--swap", help="Show the new view when it lacks nothing.")] = False

    def run_on(self, account: Account) -> ExitCode:
        """Build the view."""
        if self.follow and self.swap:
            raise exclude("--follow", "--swap")
        if self.shard and not is_sequence_number(self.start):
            raise CommandError(
                "--shard belongs to a sequence number.",
                hint="Give --from a sequence number of the shard, or leave --shard out.",
                code=ExitCode.USAGE,
            )
        options = ReplayOptions(
            view=self.view,
            start=self.start,
            shard=self.shard,
            follow=self.follow,
            swap_in=self.swap,
            as_json=self.as_json,
            now=datetime.now(UTC),
            sleep=sleep,
        )
        return replay_stream(account, options)


@app.command("delete-view")
@dataclass(frozen=True, kw_only=True)
class StreamDeleteView(StageOptions):
    """Erase the figures of a view that are not shown; without --yes only count them."""

    view: Annotated[str, typer.Argument(help="The name of the view; `first` is the one before all replays.")]
    yes: Yes = False

    def run_on(self, account: Account) -> ExitCode:
        """Delete its rows."""
        return delete_view(account, self.view, confirmed=self.yes, as_json=self.as_json)
