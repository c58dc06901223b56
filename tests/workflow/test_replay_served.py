"""`orderbus replay` over HTTP, at what `orderbus up` serves, in real time and from a process of its own."""

import json
from typing import Any

from cli.core.exit_codes import ExitCode
from pocketcloud.serving.server import Served, serve
from tests.workflow.command_line import orderbus_at
from tests.workflow.replays import every_kind_of_ending, log_of
from tests.workflow.shop import Shop

SINCE = ("--since", "2025-12-31")
"""The cloud's calendar begins with 2026, whatever the command's own says."""


def orderbus(served: Served, *arguments: str) -> list[Any]:
    """What the command writes, line by line."""
    code, out, err = orderbus_at(served.aws_url, *arguments, "--json")
    assert code == ExitCode.OK, err
    return [json.loads(line) for line in out.splitlines()]


def test_history_is_told_again_over_http(shop: Shop) -> None:
    every_kind_of_ending(shop)
    facts, letters = log_of(shop), shop.letters()
    with serve(shop.cloud, aws_port=0, http_port=0) as served:
        (fed,) = orderbus(served, "replay", "--into", "payments", "--yes")
        (replayed,) = orderbus(served, "replay", "views", "--from-archive", *SINCE, "--yes")
        shown = orderbus(served, "events", "tail", "--no-follow", *SINCE)
        (published,) = orderbus(served, "republish", *SINCE, "--until", "1s", "--yes")
    assert (fed["sent"], replayed["state"]) == (8, "COMPLETED")
    assert len(shown) == published["sent"] == len(facts)
    shop.cloud.settle()
    assert (log_of(shop), shop.letters()) == (facts, letters)
