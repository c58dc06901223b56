"""Read the figures of a window, an hour after the other: for the HTTP API and for `orderbus analytics`."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from functions.analytics.figures import Figures, minute_of
from functions.analytics.views import CHECKPOINT, SHOWN, VIEWS, hour_scope, views_of_row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOUR = timedelta(hours=1)
_KEYS = frozenset({"scope", "position"})


class MinuteFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one minute of event time."""

    minute: str
    figures: Figures


def minutes_between(
    dynamodb: "DynamoDBClient", table: str, since: datetime, until: datetime
) -> Iterator[MinuteFigures]:
    """Yield the minutes that have figures, oldest first; a query for each hour and view that is shown."""
    first, last = minute_of(since), minute_of(until)
    key = {"scope": {"S": VIEWS}, "position": {"S": SHOWN}}
    views = views_of_row(dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item"))
    for hour in _hours(since, until):
        found = (
            each
            for view in sorted(set(views.starts.values()))
            for each in _of_hour(dynamodb, table, (hour_scope(view, hour), first, last))
            if views.of(each.minute) == view
        )
        yield from sorted(found, key=lambda each: each.minute)


def newest_of_shards(dynamodb: "DynamoDBClient", table: str) -> dict[str, datetime]:
    """Return the time of the newest event that was counted, by the shard."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="#scope = :checkpoint",
        ProjectionExpression="#position, #newest",
        ExpressionAttributeNames={"#scope": "scope", "#position": "position", "#newest": "newest"},
        ExpressionAttributeValues={":checkpoint": {"S": CHECKPOINT}},
        ConsistentRead=True,
    )
    rows = (row for page in pages for row in page["Items"])
    return {row["position"]["S"]: datetime.fromisoformat(row["newest"]["S"]) for row in rows}


def _of_hour(dynamodb: "DynamoDBClient", table: str, wanted: tuple[str, str, str]) -> Iterator[MinuteFigures]:
    hour, first, last = wanted
    pages: Iterable[Any] = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="#scope = :hour AND #position BETWEEN :first AND :last",
        ExpressionAttributeNames={"#scope": "scope", "#position": "position"},
        ExpressionAttributeValues={":hour": {"S": hour}, ":first": {"S": first}, ":last": {"S": last}},
        ConsistentRead=True,
    )
    return (_minute(item) for page in pages for item in page["Items"])


def _minute(item: Any) -> MinuteFigures:  # noqa: ANN401 - a DynamoDB item
    numbers = {name: int(value["N"]) for name, value in item.items() if name not in _KEYS}
    return MinuteFigures(minute=item["position"]["S"], figures=Figures(numbers))


def _hours(since: datetime, until: datetime) -> Iterator[str]:
    hour = since.replace(minute=0, second=0, microsecond=0)
    while hour <= until:
        yield f"{hour:%Y-%m-%dT%H}"
        hour += HOUR
