"""Read docs/runbook.md as an operator does: the alarm's section, its commands and their output."""

import json
import re
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cli.core.exit_codes import ExitCode
from cli.core.times import parse_duration
from pocketcloud import OfflineCloud
from tests.workflow.command_line import orderbus
from tests.workflow.shop import PREFIX

PAGE = Path(__file__).parents[2] / "docs" / "runbook.md"
_SECTION = re.compile(r"^## (?P<anchor>[a-z-]+)\n(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_PARTS = re.compile(r"^\*\*(\w+):\*\* ", re.MULTILINE)
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TO_FILL_IN = re.compile(r"\b[A-Z]{4,}\b(?![\"'])")
SAFE = {"ERROR"}


@dataclass(frozen=True)
class Section:
    """The page's section about one kind of alarm."""

    anchor: str
    text: str

    @property
    def heading(self) -> str:
        """The severity and the names of the alarms."""
        return self.text.strip().partition("\n\n")[0]

    @property
    def severity(self) -> str:
        """`page` or `ticket`."""
        return self.heading.removeprefix("**Severity:** ").partition(" ")[0]

    @property
    def parts(self) -> list[str]:
        """The names of the section's parts, in order."""
        return _PARTS.findall(self.text)

    @property
    def blocks(self) -> list[list[str]]:
        """The blocks of commands; the first is typed while the fault lasts."""
        return [block.splitlines() for block in _BLOCK.findall(self.text)]

    def what(self, alarm: str) -> str | None:
        """Return the value of WHAT in the alarm's name, or None if the section is about other alarms."""
        for pattern in re.findall(r"`(orderbus-STAGE-[^`]+)`", self.heading):
            wanted = pattern.replace("orderbus-STAGE", PREFIX).replace("WHAT", "(?P<what>.+)")
            if found := re.fullmatch(wanted, alarm):
                return found.groupdict().get("what", "")
        return None


def sections() -> dict[str, Section]:
    """Return the sections by anchor."""
    return {each["anchor"]: Section(each["anchor"], each["text"]) for each in _SECTION.finditer(_page())}


def first_commands() -> list[str]:
    """Return the commands to type for every alarm."""
    return [line for block in _BLOCK.findall(_page().partition("\n## ")[0]) for line in block.splitlines()]


@cache
def _page() -> str:
    return PAGE.read_text()


@dataclass
class RunbookReader:
    """Types commands into the real command line, and fills in values from earlier output."""

    cloud: OfflineCloud
    known: dict[str, str]
    responses: list[Any] = field(default_factory=list)

    def types(self, block: list[str]) -> None:
        """Type the commands of a block; each must succeed."""
        for line in block:
            words = shlex.split(_TO_FILL_IN.sub(self._fill_in, line))
            self._remember(self._aws(words[1:]) if words[0] == "aws" else self._orderbus(line, words))

    def _fill_in(self, found: re.Match[str]) -> str:
        return found[0] if found[0] in SAFE else self.known[found[0]]

    def _orderbus(self, line: str, words: list[str]) -> Any:
        assert words[0] == "orderbus", line
        code, out, err = orderbus(*words[1:], "--json")
        assert code == ExitCode.OK, f"{line}\n{out}\n{err}"
        return {"lines": out.splitlines()} if words[1:3] == ["events", "tail"] else json.loads(out)

    def _aws(self, words: list[str]) -> Any:
        """Run the page's `aws logs tail` against CloudWatch Logs."""
        logs, tail, group, since, hours, which, pattern = words
        assert (logs, tail, since, which) == ("logs", "tail", "--since", "--filter-pattern")
        start = datetime.now(UTC) - parse_duration(hours) - timedelta(seconds=1)
        pages = self.cloud.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(
            logGroupName=group, filterPattern=pattern, startTime=int(start.timestamp() * 1000)
        )
        return {"lines": [event["message"] for page in found for event in page["events"]]}

    def _remember(self, response: Any) -> None:
        self.responses.append(response)
        for group in response.get("groups", ()):
            self.known |= {"MESSAGE": group["messages"][0], "REASON": group["reason"]}
        for line in response.get("lines", ()):
            self._remember_order(json.loads(line) if line.startswith("{") else {}, "order_id")
        self._remember_order(response, "order")

    def _remember_order(self, response: dict[str, Any], name: str) -> None:
        if response.get(name, "-") != "-":
            self.known["ORDER"] = response[name]
