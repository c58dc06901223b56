"""`orderbus stream fill`: put the facts of the event log on the stream that it lacks.

A consumer of the stream counts each record, so a fact that is there must not be put again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.core.account import LOOK, Account, aws_errors
from cli.core.event_log_reader import FactLog, Place
from cli.core.exit_codes import ExitCode
from cli.core.fact_selection import FactSelection
from cli.core.relay_client import ROWS_PER_REQUEST, NotPublishedError, RelayClient
from cli.core.terminal_text import terminal, write_json
from cli.core.times import require_window
from cli.stream.read import document_of
from cli.stream.shard_reader import ShardReader, StartPosition, require_stream

MARGIN = timedelta(minutes=5)
"""A fact's time precedes its arrival on the stream, and clocks differ."""
LATEST_AGE = timedelta(minutes=1)
"""Younger facts may still be on their way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FillOptions:
    """The window of facts to compare."""

    since: datetime
    until: datetime
    confirmed: bool
    as_json: bool
    sleep: Callable[[float], None]


def fill_stream(account: Account, options: FillOptions) -> ExitCode:
    """Print how many facts the stream lacks; with confirmation, put them in their order."""
    require_window(options.since, options.until)
    with aws_errors(hint=LOOK):
        log = FactLog(dynamodb=account.client("dynamodb"), names=account.names, sleep=options.sleep)
        places = log.places(FactSelection(since=options.since, until=options.until))
        present = _ids_on_stream(account, options)
        missing = [place for place in places if _id_at(log, place) not in present]
        put = _put(account, log, missing) if options.confirmed else 0
    report = {"facts": len(places), "missing": len(missing), "put": put}
    if options.as_json:
        write_json(report)
    else:
        terminal().print(f"{len(places)} facts, {len(missing)} of them not on the stream, {put} put.")
        if missing and not options.confirmed:
            terminal().print("Add --yes to put them.")
    return ExitCode.OK if put == len(missing) or not options.confirmed else ExitCode.INCOMPLETE


def _ids_on_stream(account: Account, options: FillOptions) -> set[str]:
    name, kinesis = account.names.ordered_stream, account.client("kinesis")
    require_stream(kinesis, name)
    reader = ShardReader(kinesis=kinesis, stream=name, sleep=options.sleep)
    shards = [shard["ShardId"] for shard in reader.shards()]
    reader.start(shards, StartPosition(time=options.since - MARGIN))
    return {str(document_of(event.data).get("id")) for event in reader.read(follow=False)}


def _id_at(log: FactLog, place: Place) -> str:
    (row,) = log.rows([place])
    return str(document_of(row["event"]["S"].encode()).get("id"))


def _put(account: Account, log: FactLog, missing: list[Place]) -> int:
    """Have the stream's function put the rows; return how many it put before the first failure."""
    client = RelayClient(lambda_=account.client("lambda"), names=account.names, function=account.names.stream)
    put = 0
    for start in range(0, len(missing), ROWS_PER_REQUEST):
        batch = missing[start : start + ROWS_PER_REQUEST]
        try:
            client.publish(log.rows(batch))
        except NotPublishedError:
            break
        put += len(batch)
    return put
