"""`orderbus stream lag`: how far each consumer with a checkpoint is behind, for each shard."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Any

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stream.shard_reader import ShardReader, StartPosition, require_stream
from functions.analytics.views import CHECKPOINT
from infrastructure.topology import TOPOLOGY

HEADERS = ("consumer", "shard", "state", "behind", "counted up to")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardLag:
    """The first record of a shard that a consumer has not processed."""

    consumer: str
    shard: str
    is_open: bool
    sequence: str | None
    """The consumer's checkpoint; None if it has processed nothing of the shard."""
    waiting_since: datetime | None
    """The arrival of the first unprocessed record; None if there is none."""

    def seconds(self, now: datetime) -> float:
        """Return how long that record has waited."""
        return 0.0 if self.waiting_since is None else (now - self.waiting_since).total_seconds()


def show_lag(account: Account, *, now: datetime, as_json: bool) -> ExitCode:
    """Print the lag of each consumer and shard."""
    with aws_errors(hint=LOOK):
        found = [each for service in TOPOLOGY.stream_consumers for each in lags(account, service.name, sleep)]
    if as_json:
        for lag in found:
            write_json(_shown(lag, now))
    else:
        rows = [_cells(lag, now) for lag in found]
        terminal().print_table(HEADERS, rows, title="Consumers of the ordered stream", right=frozenset({3}))
    return ExitCode.OK


def lags(account: Account, consumer: str, pause: Callable[[float], None]) -> list[ShardLag]:
    """Return a consumer's lag for each shard."""
    kinesis, name = account.client("kinesis"), account.names.ordered_stream
    require_stream(kinesis, name)
    checkpoints = _checkpoints(account, consumer)
    reader = ShardReader(kinesis=kinesis, stream=name, sleep=pause)
    return [
        ShardLag(
            consumer=consumer,
            shard=shard["ShardId"],
            is_open="EndingSequenceNumber" not in shard["SequenceNumberRange"],
            sequence=(sequence := checkpoints.get(shard["ShardId"])),
            waiting_since=reader.first_after(shard["ShardId"], StartPosition(after=sequence)),
        )
        for shard in reader.shards()
    ]


def _checkpoints(account: Account, consumer: str) -> dict[str, str]:
    pages = (
        account.client("dynamodb")
        .get_paginator("query")
        .paginate(
            TableName=account.names.table(consumer, consumer),
            KeyConditionExpression="#scope = :checkpoint",
            ExpressionAttributeNames={"#scope": "scope"},
            ExpressionAttributeValues={":checkpoint": {"S": CHECKPOINT}},
            ConsistentRead=True,
        )
    )
    return {item["position"]["S"]: item["sequence"]["S"] for page in pages for item in page["Items"]}


def _shown(lag: ShardLag, now: datetime) -> dict[str, Any]:
    return {
        "consumer": lag.consumer,
        "shard": lag.shard,
        "state": "open" if lag.is_open else "closed",
        "behind_seconds": lag.seconds(now),
        "sequence": lag.sequence,
    }


def _cells(lag: ShardLag, now: datetime) -> tuple[str, ...]:
    shown = _shown(lag, now)
    return lag.consumer, lag.shard, shown["state"], f"{lag.seconds(now):.0f} s", lag.sequence or "-"


def until(found: list[ShardLag], now: datetime) -> datetime:
    """Return the time up to which all records that have arrived are processed."""
    return min((lag.waiting_since or now for lag in found), default=now).astimezone(UTC)
