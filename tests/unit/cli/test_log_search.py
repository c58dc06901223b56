"""`cli.trace.log_search` reads every page, and reports logs that it cannot read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.event_history import LoggedFact
from cli.trace.log_search import LogSearch, search_logs
from functions.shared.runtime.message_ages import MAXIMUM_EVENT_AGE
from infrastructure.names import Names
from infrastructure.topology import TOPOLOGY
from tests.now import NOW

NAMES = Names("dev")
ORDER = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"
OTHER = "5d2a3f60-8c1b-5b7e-b1c9-0c6f1e2d3a44"
CORRELATION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
FIRST = LoggedFact(
    id="1",
    type="OrderCreated",
    owner="orders",
    time=NOW,
    causation_id="0",
    correlation_id=CORRELATION,
    traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    reason=None,
)


def a_line(**fields: Any) -> str:
    return json.dumps({"level": "INFO", "message": "handled", "order_id": ORDER, **fields})


class Logs:
    """CloudWatch Logs with these lines in payments' log, one per page, and an error for other logs."""

    def __init__(self, *lines: str, error: str = "ResourceNotFoundException") -> None:
        self.lines = lines
        self.error = error
        self.requests: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "Logs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **requests: Any) -> Iterator[dict[str, Any]]:
        self.requests.append(requests)
        if requests["logGroupName"] != "/aws/lambda/orderbus-dev-payments":
            raise ClientError({"Error": {"Code": self.error}}, "FilterLogEvents")
        yield {"events": []}  # CloudWatch returns empty pages while it searches
        for number, line in enumerate(self.lines):
            yield {"events": [{"message": line, "timestamp": int(NOW.timestamp() * 1000) - number}]}


def about(logs: Logs) -> LogSearch:
    return search_logs(logs, NAMES, ORDER, [FIRST])


def test_search_reads_every_page_and_sorts_entries() -> None:
    found = about(Logs(a_line(message="dead-lettered", reason="reaction_failed"), a_line(message="retried")))
    assert [(entry.outcome, entry.reason) for entry in found.entries] == [
        ("retried", ""),
        ("dead-lettered", "reaction_failed"),
    ]
    assert found.unreadable == []


def test_search_reports_unreadable_logs_with_the_reason() -> None:
    found = about(Logs(a_line(), error="AccessDeniedException"))
    others = [name for name in TOPOLOGY.function_names(NAMES) if name != "orderbus-dev-payments"]
    assert found.unreadable == [f"{name}: AccessDeniedException" for name in others]
    assert len(found.entries) == 1


@pytest.mark.parametrize(
    "line",
    [
        "START RequestId: 1",
        "[1]",
        json.dumps({"_aws": {}, "order_id": ORDER}),
        a_line(order_id=OTHER, correlation_id=CORRELATION),
        a_line(order_id="-", correlation_id=OTHER),
    ],
    ids=[
        "no JSON",
        "no object",
        "a metric",
        "another order with the correlation id",
        "another correlation id",
    ],
)
def test_search_skips_lines_about_something_else(line: str) -> None:
    assert about(Logs(line)).entries == []


def test_search_includes_lines_with_the_correlation_id_only() -> None:
    assert len(about(Logs(a_line(order_id="-", correlation_id=CORRELATION))).entries) == 1


def test_search_covers_order_and_correlation_from_its_begin() -> None:
    logs = Logs()
    about(logs)
    requests = logs.requests[0]
    assert requests["filterPattern"] == f'?"{ORDER}" ?"{CORRELATION}"'
    assert requests["startTime"] == int(NOW.timestamp() * 1000) - 300_000
    assert requests["endTime"] == int((NOW + MAXIMUM_EVENT_AGE).timestamp() * 1000)
    assert "/aws/lambda/orderbus-dev-relay" in {each["logGroupName"] for each in logs.requests}
