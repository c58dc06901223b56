"""The entries of the functions' logs about one order, from CloudWatch Logs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from cli.core.event_history import LoggedFact
from functions.shared.contracts.log_context import UNREADABLE
from functions.shared.runtime.message_ages import MAXIMUM_EVENT_AGE
from infrastructure.names import Names
from infrastructure.topology import TOPOLOGY

SEARCH_AFTER = MAXIMUM_EVENT_AGE
"""Time after the last fact within which its messages are delivered and logged."""
SEARCH_BEFORE = timedelta(minutes=5)
"""Time before the first fact within which its cause is logged, with clock differences."""
FIELDS = frozenset(
    {"message", "order_id", "event_id", "schema", "correlation_id", "trace_id", "receive_count"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """An entry of a function's log about an event or the order."""

    at: datetime
    function: str
    outcome: str
    event_id: str
    schema: str
    trace_id: str
    causation_id: str
    receive_count: str
    reason: str
    request_id: str = ""
    """The invocation's id, which all messages of a batch share."""

    @property
    def service(self) -> str:
        """The function without its prefix: `orderbus-dev-payments` is payments."""
        return self.function.split("-", 2)[2]

    @property
    def fact(self) -> str | None:
        """The fact in `urn:orderbus:schema:storefront:CheckoutCompleted:1`; None if the schema is unknown."""
        parts = self.schema.split(":")
        return parts[-2] if len(parts) > 1 else None


@dataclass(frozen=True, slots=True)
class LogSearch:
    """The entries, oldest first, and the logs that could not be read."""

    entries: list[LogEntry]
    unreadable: list[str]


def search_logs(logs: Any, names: Names, order_id: str, facts: Sequence[LoggedFact]) -> LogSearch:  # noqa: ANN401 - boto3's client of CloudWatch Logs; its stubs are not installed
    """Return the entries since the order began; find a partner's checkout by its correlation id."""
    entries: list[LogEntry] = []
    unreadable: list[str] = []
    correlation = facts[0].correlation_id
    window = (_milliseconds(facts[0].time - SEARCH_BEFORE), _milliseconds(facts[-1].time + SEARCH_AFTER))
    pattern = " ".join(f'?"{identity}"' for identity in dict.fromkeys((order_id, correlation)))
    for function in TOPOLOGY.function_names(names):
        try:
            for event in _events(logs, f"/aws/lambda/{function}", pattern, window):
                entry = _entry(event, function, order_id, correlation)
                entries += [entry] if entry else []
        except ClientError as error:
            # Not every stage has every function, such as webhooks.
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                unreadable.append(f"{function}: {error.response['Error']['Code']}")
    return LogSearch(sorted(entries, key=lambda entry: entry.at), unreadable)


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def _events(logs: Any, group: str, pattern: str, window: tuple[int, int]) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as above
    start, end = window
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern=pattern, startTime=start, endTime=end
    )
    for page in pages:
        yield from page["events"]


def _entry(event: dict[str, Any], function: str, order_id: str, correlation: str) -> LogEntry | None:
    """Return the entry if it is about this order; several orders may share a correlation id."""
    try:
        line = json.loads(event["message"])
    except ValueError:
        return None
    if not isinstance(line, dict) or "message" not in line or "level" not in line:
        return None
    order = line.get("order_id", UNREADABLE)
    if order != order_id and not (order == UNREADABLE and line.get("correlation_id") == correlation):
        return None
    fields = {name: str(line.get(name, UNREADABLE)) for name in FIELDS | {"causation_id"}}
    reason = line.get("reason") or line.get("problem") or line.get("error_class") or ""
    return LogEntry(
        at=datetime.fromtimestamp(event["timestamp"] / 1000, UTC),
        function=function,
        outcome=fields["message"],
        event_id=fields["event_id"],
        schema=fields["schema"],
        trace_id=fields["trace_id"],
        causation_id=fields["causation_id"],
        receive_count=fields["receive_count"],
        reason=str(reason),
        request_id=str(line.get("function_request_id", "")),
    )
