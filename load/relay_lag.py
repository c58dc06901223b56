"""The age of the oldest record that the relay read: Lambda's metric IteratorAge."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.core.account import Account

PERIOD = timedelta(minutes=1)
MAXIMUM_WAIT_SECONDS = 180
POLL_SECONDS = 5.0


def relay_lag_ms(account: Account, *, since: datetime, published: datetime) -> float | None:
    """Return the maximum since then; wait until CloudWatch has the minute of the last publish.

    CloudWatch has a minute's value about a minute later. None if it has no value in time.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
    """
    cloudwatch = account.client("cloudwatch")
    deadline = time.monotonic() + MAXIMUM_WAIT_SECONDS
    while True:
        ages = _ages(cloudwatch, account.names.relay, since)
        if any(minute + PERIOD > published for minute in ages) or time.monotonic() >= deadline:
            return max(ages.values(), default=None)
        time.sleep(POLL_SECONDS)


def _ages(cloudwatch: Any, function: str, since: datetime) -> dict[datetime, float]:  # noqa: ANN401 - no stubs installed
    """Return the maximum of each minute."""
    metric = {
        "Namespace": "AWS/Lambda",
        "MetricName": "IteratorAge",
        "Dimensions": [{"Name": "FunctionName", "Value": function}],
    }
    statistic = {"Metric": metric, "Period": int(PERIOD.total_seconds()), "Stat": "Maximum"}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=[{"Id": "age", "MetricStat": statistic}],
        StartTime=since.replace(second=0, microsecond=0),
        EndTime=datetime.now(UTC) + PERIOD,
    )
    series = [each for page in pages for each in page["MetricDataResults"]]
    return {
        minute: float(value)
        for each in series
        for minute, value in zip(each["Timestamps"], each["Values"], strict=True)
    }
