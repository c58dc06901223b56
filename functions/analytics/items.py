"""The items of the transactions that count: checkpoints, additions to minutes, and swaps of views.

A sequence number of Kinesis has 56 digits, so it is a string: DynamoDB's numbers have 38.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from functions.analytics.checkpoint import Checkpoint, CountedBatch
from functions.analytics.figures import Figures
from functions.analytics.views import (
    CHECKPOINT,
    REPLAY,
    SHOWN,
    VIEWS,
    ShownViews,
    checkpoint_scope,
    hour_scope,
    row_of_starts,
)

Items = list[dict[str, Any]]


def count_items(
    table: str, shard: str, before: Checkpoint | None, batch: CountedBatch, views: ShownViews
) -> Items:
    """Return the transaction of the live function; it fails if a checkpoint or the views have changed."""
    fence = _counter_is("swaps", views.swaps)
    begin = [_begin_shard(table, views)] if before is None else []
    scopes = {minute: hour_scope(views.of(minute), minute) for minute in batch.minutes}
    return [
        _put_checkpoint(table, (CHECKPOINT, shard), before, batch.checkpoint, fence),
        *begin,
        *_additions(table, batch.minutes, scopes),
    ]


class Replay(msgspec.Struct, frozen=True):
    """The view that a replay builds, and its first minute."""

    view: str
    since: str


def replay_items(
    table: str, shard: str, before: Checkpoint | None, batch: CountedBatch, replay: Replay
) -> Items:
    """Return the transaction of a replay, with a checkpoint of its own; it fails if the view is shown."""
    key = (checkpoint_scope(replay.view), shard)
    scopes = {minute: hour_scope(replay.view, minute) for minute in batch.minutes}
    fence = _counter_is("swaps", 0)
    return [
        {"ConditionCheck": _unless_shown(table, replay)},
        _put_checkpoint(table, key, before, batch.checkpoint, fence),
        *_additions(table, batch.minutes, scopes),
    ]


def swap_items(table: str, replay: Replay, shown: ShownViews, checkpoints: Mapping[str, Checkpoint]) -> Items:
    """Return the transaction that shows a view; it fails if the live function has counted meanwhile.

    The view is marked: the live function counts in it from now on, and a replay that still runs may not.
    """
    swaps = {"N": str(shown.swaps + 1)}
    conditions = [
        _counter_is(name, value) for name, value in (("shards", shown.shards), ("swaps", shown.swaps))
    ]
    pointer = {
        "TableName": table,
        "Key": _key(VIEWS, SHOWN),
        "UpdateExpression": "SET #starts = :starts, #swaps = :next",
        "ConditionExpression": " AND ".join(text for text, _ in conditions),
        "ExpressionAttributeNames": {"#starts": "starts", "#swaps": "swaps", "#shards": "shards"},
        "ExpressionAttributeValues": {
            ":starts": row_of_starts(shown.with_view(replay.view, replay.since)),
            ":next": swaps,
            **{name: value for _, values in conditions for name, value in values.items()},
        },
    }
    mark = _unless_shown(table, replay)
    mark["UpdateExpression"] = "SET #shown = :shown"
    mark["ExpressionAttributeValues"] = {**mark["ExpressionAttributeValues"], ":shown": {"BOOL": True}}
    return [
        {"Update": pointer},
        {"Update": mark},
        *(_fence(table, shard, at, swaps) for shard, at in checkpoints.items()),
    ]


def _fence(table: str, shard: str, checkpoint: Checkpoint, swaps: dict[str, str]) -> dict[str, Any]:
    """Stop invocations that read the views before the swap, where a shard's checkpoint is unchanged."""
    update = {
        "TableName": table,
        "Key": _key(CHECKPOINT, shard),
        "UpdateExpression": "SET #swaps = :next",
        "ConditionExpression": "#sequence = :sequence",
        "ExpressionAttributeNames": {"#swaps": "swaps", "#sequence": "sequence"},
        "ExpressionAttributeValues": {":next": swaps, ":sequence": {"S": str(checkpoint.sequence)}},
    }
    return {"Update": update}


def _unless_shown(table: str, replay: Replay) -> dict[str, Any]:
    return {
        "TableName": table,
        "Key": _key(REPLAY, replay.view),
        "ConditionExpression": "#since = :since AND attribute_not_exists(#shown)",
        "ExpressionAttributeNames": {"#since": "since", "#shown": "shown"},
        "ExpressionAttributeValues": {":since": {"S": replay.since}},
    }


def _counter_is(name: str, value: int) -> tuple[str, dict[str, Any]]:
    """Return the condition that a counter is unchanged; one that was never counted is absent."""
    if value:
        return f"#{name} = :{name}", {f":{name}": {"N": str(value)}}
    return f"attribute_not_exists(#{name})", {}


def _put_checkpoint(
    table: str,
    key: tuple[str, str],
    before: Checkpoint | None,
    after: Checkpoint,
    fence: tuple[str, dict[str, Any]],
) -> dict[str, Any]:
    condition, values = fence
    item = {
        **_key(*key),
        "sequence": {"S": str(after.sequence)},
        "recent": {"B": after.recent},
        "newest": {"S": after.newest.isoformat()},
        **{name.removeprefix(":"): value for name, value in values.items()},
    }
    put: dict[str, Any] = {"TableName": table, "Item": item}
    put["ExpressionAttributeNames"] = {"#sequence": "sequence"}
    put["ConditionExpression"] = "attribute_not_exists(#sequence)"
    if before is not None:
        put["ExpressionAttributeNames"]["#swaps"] = "swaps"
        put["ConditionExpression"] = f"#sequence = :before AND {condition}"
        put["ExpressionAttributeValues"] = {":before": {"S": str(before.sequence)}, **values}
    return {"Put": put}


def _begin_shard(table: str, views: ShownViews) -> dict[str, Any]:
    condition, values = _counter_is("swaps", views.swaps)
    update = {
        "TableName": table,
        "Key": _key(VIEWS, SHOWN),
        "UpdateExpression": "ADD #shards :one",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#shards": "shards", "#swaps": "swaps"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, **values},
    }
    return {"Update": update}


def _additions(table: str, minutes: Mapping[str, Figures], scopes: Mapping[str, str]) -> Items:
    return [{"Update": _add(table, scopes[minute], minute, each)} for minute, each in minutes.items()]


def _add(table: str, scope: str, minute: str, figures: Figures) -> dict[str, Any]:
    numbered = list(enumerate(figures.items()))
    return {
        "TableName": table,
        "Key": _key(scope, minute),
        "UpdateExpression": "ADD " + ", ".join(f"#{n} :{n}" for n, _ in numbered),
        "ExpressionAttributeNames": {f"#{n}": name for n, (name, _) in numbered},
        "ExpressionAttributeValues": {f":{n}": {"N": str(value)} for n, (_, value) in numbered},
    }


def _key(scope: str, position: str) -> dict[str, Any]:
    return {"scope": {"S": scope}, "position": {"S": position}}
