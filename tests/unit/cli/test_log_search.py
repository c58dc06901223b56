"""What the logs say of an order is found page by page; a log that may not be read is named."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cli.core.event_history import Stated
from cli.trace.log_search import Found, notes_about
from functions.shared.runtime.plausibility import LONGEST_LIFE
from infrastructure.names import Names
from infrastructure.topology import TOPOLOGY
from tests.now import NOW

NAMES = Names("dev")
ORDER = "0b6f6a1e-5f43-5a0c-9a38-3d6f0a9d2c11"
OTHER = "5d2a3f60-8c1b-5b7e-b1c9-0c6f1e2d3a44"
CONVERSATION = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
TEN = NOW
FIRST = Stated(
    id="1",
    type="OrderCreated",
    owner="orders",
    time=TEN,
    causation_id="0",
    correlation_id=CONVERSATION,
    traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
    reason=None,
)


def a_line(**said: Any) -> str:
    return json.dumps({"level": "INFO", "message": "handled", "order_id": ORDER, **said})


class Logs:
    """CloudWatch Logs with these lines in the log of payments, one a page, and this trouble elsewhere."""

    def __init__(self, *lines: str, trouble: str = "ResourceNotFoundException") -> None:
        self.lines = lines
        self.trouble = trouble
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> "Logs":
        assert operation == "filter_log_events"
        return self

    def paginate(self, **asked: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(asked)
        if asked["logGroupName"] != "/aws/lambda/orderbus-dev-payments":
            raise ClientError({"Error": {"Code": self.trouble}}, "FilterLogEvents")
        yield {"events": []}  # CloudWatch answers empty pages while it searches
        for number, line in enumerate(self.lines):
            yield {"events": [{"message": line, "timestamp": int(TEN.timestamp() * 1000) - number}]}


def about(logs: Logs) -> Found:
    return notes_about(logs, NAMES, ORDER, [FIRST])


def test_every_page_is_read_and_the_lines_are_put_in_order() -> None:
    found = about(Logs(a_line(message="dead-lettered", reason="reaction_failed"), a_line(message="retried")))
    assert [(line.outcome, line.reason) for line in found.lines] == [
        ("retried", ""),
        ("dead-lettered", "reaction_failed"),
    ]
    assert found.unreadable == []


def test_a_log_that_may_not_be_read_is_named_with_the_reason() -> None:
    found = about(Logs(a_line(), trouble="AccessDeniedException"))
    others = [name for name in TOPOLOGY.function_names(NAMES) if name != "orderbus-dev-payments"]
    assert found.unreadable == [f"{name}: AccessDeniedException" for name in others]
    assert len(found.lines) == 1


@pytest.mark.parametrize(
    "line",
    [
        "START RequestId: 1",
        "[1]",
        json.dumps({"_aws": {}, "order_id": ORDER}),
        a_line(order_id=OTHER, correlation_id=CONVERSATION),
        a_line(order_id="-", correlation_id=OTHER),
    ],
    ids=["no JSON", "no object", "a metric", "another order of the conversation", "another conversation"],
)
def test_a_line_that_is_about_something_else_is_left_out(line: str) -> None:
    assert about(Logs(line)).lines == []


def test_a_line_of_the_conversation_that_names_no_order_belongs_to_it() -> None:
    assert len(about(Logs(a_line(order_id="-", correlation_id=CONVERSATION))).lines) == 1


def test_it_looks_for_the_order_and_for_its_conversation_from_just_before_it_began() -> None:
    logs = Logs()
    about(logs)
    asked = logs.asked[0]
    assert asked["filterPattern"] == f'?"{ORDER}" ?"{CONVERSATION}"'
    assert asked["startTime"] == int(TEN.timestamp() * 1000) - 300_000
    assert asked["endTime"] == int((TEN + LONGEST_LIFE).timestamp() * 1000)
    assert "/aws/lambda/orderbus-dev-relay" in {each["logGroupName"] for each in logs.asked}
