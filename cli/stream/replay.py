"""`orderbus stream replay`: build the figures again under a new name, and show them instead.

The live function counts in the old view meanwhile. The swap succeeds if it has counted nothing that the
replay has not; else the replay counts that, too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stream.read import start_position
from cli.stream.replay_consumer import ViewBuilder
from cli.stream.shard_reader import ShardReader, StartPosition, require_stream
from cli.stream.view_names import require_new
from functions.analytics.figures import minute_of
from functions.analytics.items import swap_items
from functions.analytics.store import CountedElsewhereError, FigureTable

CONSUMER = "analytics"
MAXIMUM_SHARDS = 98
"""DynamoDB's transactions have at most a hundred items; two are the views and the replay."""
SWAP_ATTEMPTS = 20
"""The live function counts every five seconds at most: a swap rarely needs a second attempt."""
MINUTE = timedelta(minutes=1)
FOLLOW_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayOptions:
    """Options of a replay of the stream into a view."""

    view: str
    start: str | None
    shard: str | None
    follow: bool
    swap_in: bool
    as_json: bool
    now: datetime
    sleep: Callable[[float], None]


def replay_stream(account: Account, options: ReplayOptions) -> ExitCode:
    """Build the view from the stream; with `swap_in` show it, on condition that it lacks nothing."""
    with aws_errors(hint=LOOK):
        summary = require_stream(account.client("kinesis"), account.names.ordered_stream)
        table = figure_table(account)
        require_new(options.view, table.views())
        since = first_minute(account, options, summary)
        consumer = consumer_of(account, options, table, since)
        shown = _follow(consumer, options) if options.follow else _build(consumer, options)
    start, records = since or "the oldest", consumer.records
    report = {"view": options.view, "since": start, "records": records, "shown": shown}
    if options.as_json:
        write_json(report)
    else:
        terminal().print(f"{options.view}: {records} records counted, minutes from {start} on.")
        terminal().print("It is shown now." if shown else "It is not shown; add --swap, without --follow.")
    return ExitCode.OK


def figure_table(account: Account) -> FigureTable:
    """Return the table of figures."""
    name = account.names.table(CONSUMER, CONSUMER)
    return FigureTable(account.client("dynamodb"), name, account.names.event_log)


def consumer_of(account: Account, options: ReplayOptions, table: FigureTable, since: str) -> ViewBuilder:
    """Return the consumer; raise CommandError if the view was begun at another minute."""
    consumer = ViewBuilder(
        kinesis=account.client("kinesis"),
        stream=account.names.ordered_stream,
        table=table,
        view=options.view,
        since=since,
        sleep=options.sleep,
    )
    consumer.begin()
    return consumer


def first_minute(account: Account, options: ReplayOptions, summary: dict[str, object]) -> str:
    """Return the first minute to build; empty for all, which needs a stream that has lost no record."""
    kept_since = options.now - timedelta(hours=int(str(summary["RetentionPeriodHours"])))
    created = summary["StreamCreationTimestamp"]
    is_whole = isinstance(created, datetime) and created > kept_since
    if options.start is None:
        return "" if is_whole else minute_of(kept_since + 2 * MINUTE)
    position = start_position(options)
    start = position.time or _arrival(account, options, position)
    if start < kept_since and not is_whole:
        raise CommandError(
            f"The stream has lost records since {start:%Y-%m-%dT%H:%MZ}.",
            hint=f"Begin within its retention: --from {minute_of(kept_since + 2 * MINUTE)}Z.",
            code=ExitCode.USAGE,
        )
    return minute_of(start + MINUTE - timedelta(microseconds=1))


def _arrival(account: Account, options: ReplayOptions, position: StartPosition) -> datetime:
    reader = ShardReader(
        kinesis=account.client("kinesis"), stream=account.names.ordered_stream, sleep=options.sleep
    )
    arrived = reader.first_after(options.shard or "", position)
    if arrived is None:
        raise CommandError(
            f"Shard {options.shard} has no record {options.start}.",
            hint="`orderbus stream read --json` shows sequence numbers.",
            code=ExitCode.USAGE,
        )
    return arrived


def _follow(consumer: ViewBuilder, options: ReplayOptions) -> bool:
    """Count what arrives, until Ctrl-C."""
    try:
        while True:
            consumer.catch_up()
            options.sleep(FOLLOW_SECONDS)
    except KeyboardInterrupt:
        return False


def _build(consumer: ViewBuilder, options: ReplayOptions) -> bool:
    """Count up to where the live function is; show the view if that is still so."""
    for _ in range(SWAP_ATTEMPTS):
        shown = consumer.table.views()
        reached = consumer.catch_up()
        if not options.swap_in:
            return False
        if len(reached) > MAXIMUM_SHARDS:
            raise CommandError(
                f"A swap of {len(reached)} shards is more than one transaction.",
                hint=f"Merge shards to {MAXIMUM_SHARDS} or fewer with UpdateShardCount, then run it again.",
                code=ExitCode.USAGE,
            )
        swap = swap_items(consumer.table.table, consumer.replay, shown, reached)
        try:
            consumer.table.transact(swap)
        except CountedElsewhereError:
            continue
        return True
    raise CommandError(
        "The live function counted faster than the replay.",
        hint="Run the same command again; it continues where it stopped.",
        code=ExitCode.INCOMPLETE,
    )
