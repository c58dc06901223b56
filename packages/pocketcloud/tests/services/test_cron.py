"""Cron expressions and rates run when EventBridge documents.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pocketcloud.eventbridge.schedule_expressions import next_run

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
"""A Monday."""
RUNS = [
    ("cron(15 10 * * ? *)", "2026-11-24T10:15"),
    ("cron(0 18 ? * MON-FRI *)", "2026-11-23T18:00"),
    ("cron(0 8 1 * ? *)", "2026-12-01T08:00"),
    ("cron(0/10 * ? * MON-FRI *)", "2026-11-23T12:10"),
    ("cron(0/5 8-17 ? * MON-FRI *)", "2026-11-23T12:05"),
    ("cron(30 0 L * ? *)", "2026-11-30T00:30"),
    ("cron(0 9 28W * ? *)", "2026-11-27T09:00"),
    ("cron(0 9 LW 1 ? *)", "2027-01-29T09:00"),
    ("cron(0 9 ? * 2#1 *)", "2026-12-07T09:00"),
    ("cron(0 9 ? * 6L *)", "2026-11-27T09:00"),
    ("cron(0 9 ? JAN,JUL SUN 2027)", "2027-01-03T09:00"),
    ("cron(0 0 29 2 ? *)", "2028-02-29T00:00"),
    ("cron(0 0 ? 1 2 2028/4)", "2028-01-03T00:00"),
    ("rate(5 minutes)", "2026-11-23T12:05"),
    ("rate(1 day)", "2026-11-24T12:00"),
    ("at(2026-11-23T12:00:01)", "2026-11-23T12:00:01"),
]


@pytest.mark.parametrize(("expression", "expected"), RUNS)
def test_schedule_next_runs_as_documented(expression: str, expected: str) -> None:
    assert next_run(expression, NOON, since=NOON) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "expression", ["at(2026-11-23T12:00:00)", "cron(0 0 1 1 ? 2026)", "cron(0 0 30 2 ? *)"]
)
def test_schedule_without_a_later_run_has_none(expression: str) -> None:
    assert next_run(expression, NOON, since=NOON) is None


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 0 * * * *)",
        "cron(0 0 ? * ? *)",
        "cron(60 0 * * ? *)",
        "cron(0 0 * * ?)",
        "cron(0 0 ? * 8 *)",
        "cron(5-1 0 * * ? *)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(0 minutes)",
        "at(2026-11-23)",
        "at(2026-13-23T12:00:00)",
        "every day",
    ],
)
def test_invalid_expression_is_rejected(expression: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        next_run(expression, NOON, since=NOON)


def test_rate_counts_from_its_start() -> None:
    since = NOON - timedelta(minutes=7)
    assert next_run("rate(5 minutes)", NOON, since=since) == since + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("2026-03-28T00:00", "2026-03-28T01:30"),
        ("2026-03-28T12:00", "2026-03-30T00:30"),
        ("2026-10-24T12:00", "2026-10-25T00:30"),
        ("2026-10-25T00:30", "2026-10-26T01:30"),
    ],
)
def test_local_time_runs_at_most_once_when_clocks_change(after: str, expected: str) -> None:
    """https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time"""
    times = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (after, expected)]
    found = next_run("cron(30 2 * * ? *)", times[0], since=NOON, zone=ZoneInfo("Europe/Berlin"))
    assert found == times[1]
