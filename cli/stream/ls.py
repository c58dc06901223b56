"""`orderbus stream ls`: the stream and its shards."""

from time import sleep
from typing import Any

from cli.core.account import LOOK, Account, aws_errors
from cli.core.exit_codes import ExitCode
from cli.core.terminal_text import terminal, write_json
from cli.stream.shard_reader import ShardReader, require_stream

HEADERS = ("shard", "state", "share of keys", "parents")
KEYS = 2**128


def list_shards(account: Account, *, as_json: bool) -> ExitCode:
    """Print the stream's mode, retention and shards."""
    name, kinesis = account.names.ordered_stream, account.client("kinesis")
    with aws_errors(hint=LOOK):
        summary = require_stream(kinesis, name)
        shards = ShardReader(kinesis=kinesis, stream=name, sleep=sleep).shards()
    found = [_described(shard) for shard in shards]
    mode = summary["StreamModeDetails"]["StreamMode"].lower().replace("_", " ")
    hours = summary["RetentionPeriodHours"]
    if as_json:
        write_json({"stream": name, "mode": mode, "retention_hours": hours, "shards": found})
        return ExitCode.OK
    rows = [
        (shard["shard"], shard["state"], f"{shard['share_of_keys']:.0%}", ", ".join(shard["parents"]))
        for shard in found
    ]
    terminal().print_table(HEADERS, rows, title=f"{name}: {mode}, {hours} hours", right=frozenset({2}))
    return ExitCode.OK


def _described(shard: dict[str, Any]) -> dict[str, Any]:
    keys = shard["HashKeyRange"]
    parents = [shard.get(name) for name in ("ParentShardId", "AdjacentParentShardId")]
    return {
        "shard": shard["ShardId"],
        "state": "closed" if "EndingSequenceNumber" in shard["SequenceNumberRange"] else "open",
        "share_of_keys": (int(keys["EndingHashKey"]) - int(keys["StartingHashKey"]) + 1) / KEYS,
        "parents": [parent for parent in parents if parent],
    }
