"""FilterLogEvents finds log lines by phrase and time, and rejects other patterns."""

import json
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
    messages = [event["message"] for page in results for event in page["events"]]
    return [message for message in messages if not message.startswith(("START ", "END ", "REPORT "))]


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


def test_log_stream_holds_the_lines_of_an_invocation(world: World) -> None:
    world.function("speaker", SPEAKING)
    logs = world.cloud.client("logs")
    world.cloud.invoke("speaker", ["one"])  # type: ignore[arg-type]  # any JSON value
    (group,) = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
    assert group["logGroupName"] == GROUP
    (stream,) = logs.describe_log_streams(logGroupName=GROUP)["logStreams"]
    named = {"logGroupName": GROUP, "logStreamName": stream["logStreamName"]}
    start, line, end, report = [event["message"] for event in logs.get_log_events(**named)["events"]]
    request_id = start.split()[2]
    assert start == f"START RequestId: {request_id} Version: $LATEST"
    assert (line, end) == ("one", f"END RequestId: {request_id}")
    assert report.startswith(f"REPORT RequestId: {request_id}\tDuration: 0.00 ms\tBilled Duration: 0 ms\t")


def test_lines_of_lambda_are_json_where_configured(world: World) -> None:
    world.function("speaker", SPEAKING, LoggingConfig={"LogFormat": "JSON"})
    world.cloud.invoke("speaker", ["one"])  # type: ignore[arg-type]  # any JSON value
    events = world.cloud.client("logs").filter_log_events(logGroupName=GROUP)["events"]
    first, last = json.loads(events[0]["message"]), json.loads(events[-1]["message"])
    assert (first["type"], last["type"]) == ("platform.start", "platform.report")
    assert last["record"]["status"] == "success"


def test_lines_of_lambda_are_left_out_where_configured(world: World) -> None:
    without_platform = {"LogFormat": "JSON", "SystemLogLevel": "WARN"}
    world.function("speaker", SPEAKING, LoggingConfig=without_platform)
    world.cloud.invoke("speaker", ["one"])  # type: ignore[arg-type]  # any JSON value
    events = world.cloud.client("logs").filter_log_events(logGroupName=GROUP)["events"]
    assert [event["message"] for event in events] == ["one"]


def test_timeout_is_logged(world: World) -> None:
    world.function("speaker", "import time\ndef handle(event, context): time.sleep(60)", timeout=1)
    world.cloud.invoke("speaker", {})
    messages = [
        event["message"]
        for event in world.cloud.client("logs").filter_log_events(logGroupName=GROUP)["events"]
    ]
    assert messages[1].endswith("Task timed out after 1.00 seconds")
    assert messages[-1].endswith("Status: timeout")
