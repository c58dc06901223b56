"""docs/incident.md agrees with the output of the commands."""

import re

from tests.workflow.dead_letter_queues import present_violations
from tests.workflow.incident import PAGE, incident
from tests.workflow.shop import Shop

VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{32}\b|\b[0-9a-f]{8}\b"
    r"|([0-9-]+[T ])?[0-9:.]{8,}[0-9+:Z]*|\b[0-9]{13}\b"
)
"""Ids and times, which vary between runs."""


def stable_lines(page: str) -> list[str]:
    """Return the lines without ids and times, sorted, as concurrent events vary in order."""
    return sorted(VARYING.sub("…", line) for line in page.splitlines() if not line.startswith("body: "))


def test_page_shows_the_incident_and_its_fix(shop: Shop) -> None:
    assert stable_lines(incident(shop)) == stable_lines(PAGE.read_text())
    assert present_violations(shop) == []
    assert [order["status"] for order in shop.orders()].count("shipped") == 3
