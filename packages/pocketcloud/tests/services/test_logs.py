"""FilterLogEvents finds log lines by phrase and time, and rejects other patterns."""

from datetime import datetime
from typing import Any

import pytest
from small_world import World

from pocketcloud.core.engine import UnsupportedOfflineError

SPEAKING = """
    def handle(event, context):
        for word in event:
            print(word)
"""
GROUP = "/aws/lambda/speaker"


@pytest.fixture
def speaker(world: World) -> World:
    """A function that prints its event, with its log group."""
    world.function("speaker", SPEAKING)
    world.cloud.client("logs").create_log_group(logGroupName=GROUP)
    return world


def found(world: World, pattern: str = "", **options: Any) -> list[str]:
    pages = world.cloud.client("logs").get_paginator("filter_log_events")
    given = {"filterPattern": pattern} if pattern else {}
    results = pages.paginate(logGroupName=GROUP, **given, **options)
    return [event["message"] for page in results for event in page["events"]]


def milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("", ["a tea-pot", "a cup", "a tea-pot and a cup"]),
        ('"tea-pot"', ["a tea-pot", "a tea-pot and a cup"]),
        ('"tea-pot" "cup"', ["a tea-pot and a cup"]),
        ('?"tea-pot" ?"cup"', ["a tea-pot", "a cup", "a tea-pot and a cup"]),
        ('"spoon"', []),
    ],
)
def test_lines_are_found_by_phrases(speaker: World, pattern: str, expected: list[str]) -> None:
    speaker.cloud.invoke("speaker", ["a tea-pot", "a cup", "a tea-pot and a cup"])  # type: ignore[arg-type]  # any JSON value
    assert found(speaker, pattern) == expected


def test_lines_are_found_by_time_with_inclusive_ends(speaker: World) -> None:
    times = []
    for word in ("early", "just then", "late"):
        times.append(milliseconds(speaker.cloud.clock.now()))
        speaker.cloud.invoke("speaker", [word])  # type: ignore[arg-type]  # any JSON value
        speaker.cloud.advance(minutes=1)
    assert found(speaker, startTime=times[1]) == ["just then", "late"]
    assert found(speaker, endTime=times[1]) == ["early", "just then"]
    assert found(speaker, startTime=times[1] + 1, endTime=times[2] - 1) == []


def test_lines_are_returned_page_by_page(speaker: World) -> None:
    words = [f"word {number}" for number in range(7)]
    speaker.cloud.invoke("speaker", words)  # type: ignore[arg-type]  # any JSON value
    assert found(speaker, PaginationConfig={"PageSize": 3}) == words


@pytest.mark.parametrize("pattern", ["{ $.level = ERROR }", "%cup%", "-cup", '"tea" -"cup"'])
def test_unsupported_pattern_is_rejected(speaker: World, pattern: str) -> None:
    with pytest.raises(UnsupportedOfflineError, match="is not supported offline"):
        found(speaker, pattern)


def test_missing_log_group_is_not_found(speaker: World) -> None:
    logs = speaker.cloud.client("logs")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.filter_log_events(logGroupName="/aws/lambda/nobody")
