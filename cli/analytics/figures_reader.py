"""Read the figures of a window, and sum them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

from functions.analytics.figures import (
    CANCELLED,
    EVENT,
    ORDERS,
    RESTATED,
    REVENUE,
    SHIPPED_AFTER,
    UNITS,
    Figures,
    minute_of,
)
from functions.analytics.histogram import quantile
from functions.analytics.views import SHOWN, VIEWS, hour_scope, views_of_row

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HOUR = timedelta(hours=1)
_KEYS = frozenset({"scope", "position"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteFigures:
    """The figures of one minute of event time."""

    minute: str
    figures: Figures


def minutes_between(
    dynamodb: "DynamoDBClient", table: str, since: datetime, until: datetime
) -> list[MinuteFigures]:
    """Return the minutes that have figures, oldest first; a query for each hour and view that is shown."""
    first, last = minute_of(since), minute_of(until)
    key = {"scope": {"S": VIEWS}, "position": {"S": SHOWN}}
    views = views_of_row(dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item"))
    found: list[MinuteFigures] = []
    for view, hour in product(sorted(set(views.starts.values())), _hours(since, until)):
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="#scope = :hour AND #position BETWEEN :first AND :last",
            ExpressionAttributeNames={"#scope": "scope", "#position": "position"},
            ExpressionAttributeValues={
                ":hour": {"S": hour_scope(view, hour)},
                ":first": {"S": first},
                ":last": {"S": last},
            },
        )
        minutes = [_minute(item) for page in pages for item in page["Items"]]
        found += [each for each in minutes if views.of(each.minute) == view]
    return sorted(found, key=lambda each: each.minute)


def as_report(figures: Figures) -> dict[str, Any]:
    """Return figures by their family, with the quantiles of order to shipment in seconds."""
    durations = {int(bucket): count for bucket, count in _family(figures, SHIPPED_AFTER).items()}
    quantiles = {name: quantile(durations, share) for name, share in (("p50", 0.5), ("p95", 0.95))}
    return {
        "orders": figures[ORDERS],
        "revenue_minor": _family(figures, REVENUE),
        "units": _family(figures, UNITS),
        "cancelled": _family(figures, CANCELLED),
        "events": _family(figures, EVENT),
        "shipped_after_seconds": {
            name: None if value is None else round(value.total_seconds(), 3)
            for name, value in quantiles.items()
        },
        "restated": figures[RESTATED],
    }


def _family(figures: Figures, family: str) -> dict[str, int]:
    prefix = f"{family}."
    found = {name.removeprefix(prefix): value for name, value in figures.items() if name.startswith(prefix)}
    return dict(sorted(found.items()))


def _minute(item: Any) -> MinuteFigures:  # noqa: ANN401 - a DynamoDB item
    numbers = {name: int(value["N"]) for name, value in item.items() if name not in _KEYS}
    return MinuteFigures(minute=item["position"]["S"], figures=Figures(numbers))


def _hours(since: datetime, until: datetime) -> Iterator[str]:
    hour = since.replace(minute=0, second=0, microsecond=0)
    while hour <= until:
        yield f"{hour:%Y-%m-%dT%H}"
        hour += HOUR
