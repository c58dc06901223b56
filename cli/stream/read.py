"""`orderbus stream read`: print the records of the stream."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeGuard

from cli.core.account import LOOK, Account, aws_errors
from cli.core.errors import CommandError
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.core.times import format_utc, parse_time
from cli.stream.shard_reader import ShardReader, StartPosition, StreamedEvent, require_stream

SEQUENCE_DIGITS = 50
"""A sequence number is longer than any time that a person types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReadOptions:
    """The records to print, and the format."""

    start: str | None
    """A time, a duration before now, or a sequence number; None for the oldest record."""
    shard: str | None
    follow: bool
    data: bool
    """Whether to print the payload, which may contain personal data."""
    as_json: bool
    now: datetime
    sleep: Callable[[float], None]


def read_stream(account: Account, options: StreamReadOptions) -> ExitCode:
    """Print a line per record, until the newest one, or with `follow` until Ctrl-C."""
    position = start_position(options)
    name, kinesis = account.names.ordered_stream, account.client("kinesis")
    with aws_errors(hint=LOOK):
        require_stream(kinesis, name)
        reader = ShardReader(kinesis=kinesis, stream=name, sleep=options.sleep)
        reader.start(_shards(reader, options.shard), position)
        try:
            for event in reader.read(follow=options.follow):
                _write(event, options)
        except KeyboardInterrupt:
            return ExitCode.OK
    return ExitCode.OK


class StartOptions(Protocol):
    """The options that name a place on the stream."""

    @property
    def start(self) -> str | None:
        """A time, a duration before now, or a sequence number; None for the oldest record."""

    @property
    def shard(self) -> str | None:
        """The shard of a sequence number."""

    @property
    def now(self) -> datetime:
        """The end of a duration."""


def start_position(options: StartOptions) -> StartPosition:
    """Return where to start; raise CommandError for a sequence number without its shard."""
    start = options.start
    if not is_sequence_number(start):
        return StartPosition(time=parse_time(start, now=options.now))
    if options.shard is None:
        raise CommandError(
            "A sequence number belongs to one shard.", hint="Add --shard.", code=ExitCode.USAGE
        )
    return StartPosition(sequence=start)


def is_sequence_number(start: str | None) -> TypeGuard[str]:
    """Whether the value of `--from` is a record's sequence number, and not a time or an age."""
    return start is not None and start.isdecimal() and len(start) > SEQUENCE_DIGITS


def _shards(reader: ShardReader, chosen: str | None) -> list[str]:
    """Return the chosen shard, or those whose parents have no records left; children follow them."""
    shards = {shard["ShardId"]: shard for shard in reader.shards()}
    if chosen is None:
        return [name for name, shard in shards.items() if shard.get("ParentShardId") not in shards]
    if chosen not in shards:
        hint = "`orderbus stream ls` lists them."
        raise CommandError(f"The stream has no shard {chosen}.", hint=hint, code=ExitCode.USAGE)
    return [chosen]


def _write(event: StreamedEvent, options: StreamReadOptions) -> None:
    document = document_of(event.data)
    if options.as_json:
        shown: dict[str, Any] = {
            "shard": event.shard,
            "sequence": event.sequence,
            "key": event.key,
            "arrived_at": event.arrived_at.isoformat(),
            "event": document if options.data else _without_data(document),
        }
        write_json(shown)
        return
    kind, when = document.get("type", "unreadable"), format_utc(event.arrived_at)
    terminal().print(
        f"{when}  {event.shard.removeprefix('shardId-').lstrip('0') or '0'}  {kind}  {event.key}"
    )
    if options.data:
        terminal().print(json.dumps(document.get("data")))
    sys.stdout.flush()


def document_of(data: bytes) -> dict[str, Any]:
    """Return the CloudEvents document; empty if the data is none."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _without_data(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "data"}
