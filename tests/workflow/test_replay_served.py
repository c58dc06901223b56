"""`orderbus replay` in its own process over HTTP; the cloud is sixty times as fast as real time."""

import json
from typing import Any

from cli.core.exit_codes import ExitCode
from pocketcloud.serving.server import Served, serve
from tests.workflow.command_line import orderbus_at
from tests.workflow.replays import log_of, one_order_per_outcome
from tests.workflow.shop import Shop

SINCE = ("--since", "2025-12-31")
"""The cloud's time begins with 2026; the command has the real time."""


def orderbus(served: Served, *arguments: str) -> list[Any]:
    """Run the command and return its lines as JSON."""
    code, out, err = orderbus_at(served.aws_url, *arguments, "--json")
    assert code == ExitCode.OK, err
    return [json.loads(line) for line in out.splitlines()]


def test_replay_and_republish_work_over_http(shop: Shop) -> None:
    one_order_per_outcome(shop)
    facts, emails = log_of(shop), shop.email_subjects()
    with serve(shop.cloud, aws_port=0, http_port=0, speed=60) as served:
        (fed,) = orderbus(served, "replay", "--into", "payments", "--yes")
        (replayed,) = orderbus(served, "replay", "views", "--from-archive", *SINCE, "--yes")
        shown = orderbus(served, "events", "tail", "--no-follow", *SINCE)
        (published,) = orderbus(served, "republish", *SINCE, "--until", "1s", "--yes")
    assert (fed["sent"], replayed["state"]) == (8, "COMPLETED")
    assert len(shown) == published["sent"] == len(facts)
    shop.cloud.settle()
    assert (log_of(shop), shop.email_subjects()) == (facts, emails)
