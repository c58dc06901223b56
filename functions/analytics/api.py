"""The analytics API's handler: the live figures, for operators."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from msgspec import Struct

from functions.analytics.completeness import complete_until
from functions.analytics.figures import Figures, minute_of
from functions.analytics.figures_reader import minutes_between, newest_of_shards
from functions.analytics.report import FigureReport, MinuteReport, minute_reports, report_of
from functions.analytics.shards import list_shards
from functions.analytics.window import window_of
from functions.shared.runtime.api import Routes, api, json_response
from functions.shared.runtime.clients import dynamodb, kinesis
from functions.shared.runtime.environment import required
from functions.shared.runtime.operators import require_operator


class LiveAnalytics(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The body of `GET /analytics`; where the limit leaves minutes out, `next_from` leads to them."""

    watermark: str | None
    """The minute of the newest event that is counted; null before the first one."""
    complete_until: str | None
    """Minutes before this one are complete; null while a shard has counted nothing."""
    total: FigureReport
    """The sum of the minutes below."""
    minutes: tuple[MinuteReport, ...]
    next_from: str | None = None


def show_analytics(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """`GET /analytics`: return the minutes of the window that have figures, oldest first."""
    require_operator(event)
    window = window_of(event, now=datetime.now(UTC))
    table = required("ANALYTICS_TABLE")
    # The checkpoints come first: figures that are counted meanwhile make the report only more complete.
    newest = newest_of_shards(dynamodb(), table)
    complete = complete_until(list_shards(kinesis(), required("ORDERED_STREAM")), newest)
    found = list(islice(minutes_between(dynamodb(), table, window.since, window.until), window.limit + 1))
    shown, more = found[: window.limit], found[window.limit :]
    report = LiveAnalytics(
        watermark=minute_of(max(newest.values())) if newest else None,
        complete_until=None if complete is None else minute_of(complete),
        total=report_of(sum((each.figures for each in shown), Figures())),
        minutes=minute_reports(shown),
        next_from=f"{more[0].minute}Z" if more else None,
    )
    return json_response(HTTPStatus.OK, report)


ROUTES: Routes = {"GET /analytics": show_analytics}

handle = api("analytics-api", ROUTES)
