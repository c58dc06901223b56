"""One incident from alarm to last parcel, recorded: `python -m tests.workflow.incident`."""

import json
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import UUID

from typer.testing import CliRunner

from cli.main import app
from pocketcloud import OfflineCloud
from tests.workflow.call_faults import call_fault
from tests.workflow.dead_letter_queues import SOON
from tests.workflow.function_faults import failing
from tests.workflow.order_outcomes import opened
from tests.workflow.shop import PREFIX, Shop, an_order

PAGE = Path(__file__).parents[2] / "docs" / "incident.md"
HEAD = """# An incident

Shipping is deployed with a bug, and this is what the person on call sees. It ran on the offline
cloud, with the real template and command line. A test runs it again and compares;
`python -m tests.workflow.incident` writes this page. Times are the cloud's. Lines longer than 180
characters end in an ellipsis.
"""
WIDE = 180
ACTION = UUID("5f0c6a52-1d7e-4b39-9f0e-2a4b8c6d7e10")
"""Else, every run would have another."""


@dataclass
class IncidentPage:
    """The page under construction."""

    shop: Shop
    lines: list[str] = field(default_factory=list)

    def says(self, text: str) -> None:
        """Add a sentence with the time."""
        self.lines += ["", f"**{self._now()}** {text}"]

    def shows(self, *lines: str) -> None:
        """Add output unchanged."""
        self.lines += ["", "```console", *map(_cut, lines), "```"]

    def types(self, command: str) -> None:
        """A command, and what it says."""
        self.shows(f"$ {command}", *_output(command))

    def runs(self, command: str) -> Any:
        """Run the command with JSON output, off the page."""
        return json.loads("\n".join(_output(f"{command} --json")))

    def changes_alarm(self, alarm: str, state: str) -> None:
        """Wait until the alarm is in that state and has notified its topic."""
        for _ in range(30):
            changes = [each for each in self.shop.cloud.alarms.changes if each.alarm == f"{PREFIX}-{alarm}"]
            if changes and changes[-1].after == state:
                break
            self.shop.cloud.advance(minutes=1)
        else:
            raise AssertionError(f"{alarm} is not {state}")
        found = self.shop.cloud.client("cloudwatch").describe_alarms(AlarmNames=[f"{PREFIX}-{alarm}"])
        self.says(f"The alarm topic notifies its subscribers: {state}.")
        self.shows(f"{state}: {PREFIX}-{alarm}", found["MetricAlarms"][0]["AlarmDescription"])

    def _now(self) -> str:
        return f"{self.shop.cloud.clock.now():%H:%M:%S}"


def _cut(line: str) -> str:
    return line if len(line) <= WIDE else f"{line[: WIDE - 1]}…"


def _output(command: str) -> list[str]:
    name, *arguments = shlex.split(command)
    assert name == "orderbus"
    with patch("cli.dlq.commands.uuid4", return_value=ACTION):
        result = CliRunner().invoke(app, arguments, env={"COLUMNS": str(WIDE)})
    assert result.exit_code == 0, result.output
    return [line.rstrip() for line in result.stdout.splitlines()]


def incident(shop: Shop) -> str:
    """The whole incident, in a shop that has just opened."""
    page = IncidentPage(shop)
    page.says("A new version of shipping is deployed. Every reaction fails. Three customers order.")
    shop.cloud.retry_after = SOON
    with call_fault(shop.cloud, failing("shipping")):
        orders = [shop.place(an_order(), key=f"k{number}", customer=f"c{number}") for number in range(3)]
        page.changes_alarm("shipping-dlq-not-empty", "ALARM")
        _looked_at(page)
    shop.cloud.retry_after = None
    page.says("The previous version is deployed again. Three paid orders wait for a redrive.")
    shop.cloud.advance(minutes=1)
    _redriven(page)
    page.changes_alarm("shipping-dlq-not-empty", "OK")
    page.says("Each order has one payment, one parcel and its emails.")
    page.types(f"orderbus trace {orders[0]}")
    page.types("orderbus dlq log")
    return HEAD + "\n".join(page.lines) + "\n"


def _looked_at(page: IncidentPage) -> None:
    page.says("[The runbook](runbook.md#dead-letters) says what to type.")
    page.types("orderbus dlq ls --consumer shipping")
    (group,) = page.runs("orderbus dlq ls --consumer shipping")["groups"]
    message = group["messages"][0]
    page.types(f"orderbus dlq show {message[:8]}")
    order = page.runs(f"orderbus dlq show {message}")["order"]
    page.types(f"orderbus trace {order}")


def _redriven(page: IncidentPage) -> None:
    page.says("A dry run first, then the redrive.")
    page.types("orderbus dlq redrive --consumer shipping --reason reaction_failed")
    page.types("orderbus dlq redrive --consumer shipping --reason reaction_failed --yes")
    page.shop.cloud.settle()
    page.types("orderbus dlq ls")


if __name__ == "__main__":
    with OfflineCloud.start() as cloud:
        PAGE.write_text(incident(opened(cloud)))
