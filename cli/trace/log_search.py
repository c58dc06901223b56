"""What the functions' logs say of one order, through CloudWatch Logs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from cli.core.event_history import Stated
from functions.shared.contracts.log_context import UNREADABLE
from functions.shared.runtime.plausibility import LONGEST_LIFE
from infrastructure.names import Names
from infrastructure.topology import TOPOLOGY

LATER = LONGEST_LIFE
"""After the last fact: so long its messages may still arrive and be logged."""
EARLIER = timedelta(minutes=5)
"""Clocks differ, and what led to the first fact was logged before it."""
KNOWN = frozenset(
    {"message", "order_id", "event_id", "schema", "correlation_id", "trace_id", "receive_count"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One line of a function's log about an event, or about the order."""

    at: datetime
    function: str
    outcome: str
    event_id: str
    schema: str
    trace_id: str
    causation_id: str
    receive_count: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The lines, the oldest first, and what could not be read of the logs."""

    lines: list[Noted]
    unreadable: list[str]


def notes_about(logs: Any, names: Names, order_id: str, facts: Sequence[Stated]) -> Found:  # noqa: ANN401 - boto3's client of CloudWatch Logs, whose stubs are not installed
    """What was noted about the order since it began; a partner's checkout is found by its conversation."""
    lines: list[Noted] = []
    unreadable: list[str] = []
    conversation = facts[0].correlation_id
    window = (_milliseconds(facts[0].time - EARLIER), _milliseconds(facts[-1].time + LATER))
    pattern = " ".join(f'?"{identity}"' for identity in dict.fromkeys((order_id, conversation)))
    for function in TOPOLOGY.function_names(names):
        try:
            for event in _events(logs, f"/aws/lambda/{function}", pattern, window):
                noted = _noted(event, function, order_id, conversation)
                lines += [noted] if noted else []
        except ClientError as error:
            # A stage has no log group of what it does not have, such as webhooks without their provider.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                unreadable.append(f"{function}: {error.response['Error']['Code']}")
    return Found(sorted(lines, key=lambda line: line.at), unreadable)


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _events(logs: Any, group: str, pattern: str, window: tuple[int, int]) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as above
    start, end = window
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=pattern, startTime=start, endTime=end
    )
    for page in pages:
        yield from page["events"]


def _noted(event: dict[str, Any], function: str, order_id: str, conversation: str) -> Noted | None:
    """The line, if it is about this order; a conversation may have led to several."""
    try:
        line = json.loads(event["message"])
    except ValueError:
        return None
    if not isinstance(line, dict) or "message" not in line or "level" not in line:
        return None
    about = line.get("order_id", UNREADABLE)
    if about != order_id and not (about == UNREADABLE and line.get("correlation_id") == conversation):
        return None
    said = {name: str(line.get(name, UNREADABLE)) for name in KNOWN | {"causation_id"}}
    reason = line.get("reason") or line.get("problem") or line.get("error_class") or ""
    return Noted(
        at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        function=function,
        outcome=said["message"],
        event_id=said["event_id"],
        schema=said["schema"],
        trace_id=said["trace_id"],
        causation_id=said["causation_id"],
        receive_count=said["receive_count"],
        reason=str(reason),
    )
