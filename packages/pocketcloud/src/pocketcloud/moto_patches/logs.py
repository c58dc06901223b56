"""CloudWatch Logs: moto stores the groups; `Runtime` stores the lines that functions log."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from moto.logs.models import LogsBackend

from pocketcloud.awslambda.function_log import LogLine
from pocketcloud.awslambda.runtime import Runtime
from pocketcloud.core.engine import UnsupportedOfflineError
from pocketcloud.moto_patches.moto_patch import Call, MotoPatch
from pocketcloud.virtual_time.timestamps import epoch_milliseconds

FUNCTIONS = "/aws/lambda/"
MAX_EVENTS_PER_PAGE = 10_000
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""
_PHRASE = r'"([^"\\]+)"'
_ALL_OF = re.compile(rf"\s*(?:{_PHRASE}\s*)+")
_ANY_OF = re.compile(rf"\s*(?:\?{_PHRASE}\s*)+")

FilterResult = tuple[list[dict[str, Any]], str | None, list[dict[str, Any]]]


def patches(runtime: Runtime) -> list[MotoPatch]:
    """Return the patches to moto's CloudWatch Logs."""
    original = LogsBackend.filter_log_events

    def filter_log_events(backend: LogsBackend, call: Call) -> FilterResult:
        group = call["log_group_name"]
        if group not in backend.groups or not group.startswith(FUNCTIONS):
            return original(backend, **call)
        streams = call["log_stream_names"]
        wanted = _pattern(call["filter_pattern"] or "")
        found = [
            _event(index, line)
            for index, line in enumerate(_lines(runtime, group))
            if wanted(line.text) and _is_within(line.at, call) and (not streams or line.stream in streams)
        ]
        start, limit = int(call["next_token"] or 0), call["limit"] or MAX_EVENTS_PER_PAGE
        following = start + limit
        return found[start:following], str(following) if following < len(found) else None, []

    parameters = (
        "self log_group_name log_stream_names start_time end_time limit next_token filter_pattern interleaved"
    )
    return [
        MotoPatch(LogsBackend, "filter_log_events", parameters, filter_log_events),
        *_stream_patches(runtime),
    ]


def _stream_patches(runtime: Runtime) -> list[MotoPatch]:
    describe, read = LogsBackend.describe_log_streams, LogsBackend.get_log_events

    def describe_log_streams(backend: LogsBackend, call: Call) -> tuple[list[dict[str, Any]], str | None]:
        group = call.get("log_group_name") or ""
        if group not in backend.groups or not group.startswith(FUNCTIONS):
            return describe(backend, **call)
        prefix = call.get("log_stream_name_prefix") or ""
        times: dict[str, list[int]] = {}
        for line in _lines(runtime, group):
            times.setdefault(line.stream, []).append(epoch_milliseconds(line.at))
        arn = f"{backend.groups[group].arn}:log-stream:"
        found = [
            _stream(arn, name, timestamps) for name, timestamps in times.items() if name.startswith(prefix)
        ]
        by_time = call.get("order_by") == "LastEventTime"
        found.sort(
            key=lambda stream: stream["lastEventTimestamp" if by_time else "logStreamName"],
            reverse=bool(call.get("descending")),
        )
        return found[: call.get("limit") or 50], None

    def get_log_events(backend: LogsBackend, call: Call) -> FilterResult | tuple[Any, ...]:
        group = call.get("log_group_name") or ""
        if group not in backend.groups or not group.startswith(FUNCTIONS):
            return read(backend, **call)
        lines = _lines(runtime, group)
        found = [
            _event(index, line)
            for index, line in enumerate(lines)
            if line.stream == call["log_stream_name"] and _is_within(line.at, call)
        ]
        shown = [{key: event[key] for key in ("timestamp", "message", "ingestionTime")} for event in found]
        return shown[: call.get("limit") or MAX_EVENTS_PER_PAGE], "f/0", "b/0"

    described = "self descending limit log_group_name log_group_id log_stream_name_prefix next_token order_by"
    events = (
        "self log_group_name log_group_id log_stream_name start_time end_time limit next_token"
        " start_from_head"
    )
    return [
        MotoPatch(LogsBackend, "describe_log_streams", described, describe_log_streams),
        MotoPatch(LogsBackend, "get_log_events", events, get_log_events),
    ]


def _lines(runtime: Runtime, group: str) -> Iterable[LogLine]:
    log = runtime.logs.get(group.removeprefix(FUNCTIONS))
    return log.group_lines() if log else ()


def _stream(arn: str, name: str, times: list[int]) -> dict[str, Any]:
    return {
        "arn": arn + name,
        "logStreamName": name,
        "creationTime": times[0],
        "firstEventTimestamp": times[0],
        "lastEventTimestamp": times[-1],
        "lastIngestionTime": times[-1],
        "storedBytes": 0,
    }


def _pattern(pattern: str) -> Callable[[str], bool]:
    """Compile a filter pattern of quoted phrases: all must occur, or any if each has a question mark.

    Other patterns are rejected.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    """
    phrases = re.findall(_PHRASE, pattern)
    if not pattern.strip() or _ALL_OF.fullmatch(pattern):
        return lambda text: all(phrase in text for phrase in phrases)
    if _ANY_OF.fullmatch(pattern):
        return lambda text: any(phrase in text for phrase in phrases)
    raise UnsupportedOfflineError(f"FilterLogEvents: the pattern {pattern} is not supported offline")


def _is_within(at: datetime, call: Call) -> bool:
    """Return whether the time is in the requested range; both ends are inclusive, in milliseconds."""
    time = epoch_milliseconds(at)
    start, end = call["start_time"], call["end_time"]
    return (start is None or time >= start) and (end is None or time <= end)


def _event(index: int, line: LogLine) -> dict[str, Any]:
    time = epoch_milliseconds(line.at)
    return {
        "eventId": f"{index:056d}",
        "ingestionTime": time,
        "logStreamName": line.stream,
        "message": line.text,
        "timestamp": time,
    }
