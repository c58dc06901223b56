"""The page that shows an incident is true."""

import re

from tests.workflow.dead_letter_queues import present_violations
from tests.workflow.incident import PAGE, told
from tests.workflow.shop import Shop

BY_CHANCE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{32}\b|\b[0-9a-f]{8}\b"
    r"|([0-9-]+[T ])?[0-9:.]{8,}[0-9+:Z]*|\b[0-9]{13}\b"
)
"""Ids and times, down to which of three letters is the first: another draw of chance, another of them."""


def what_is_said(page: str) -> list[str]:
    """Each line, but for what is by chance; those that wait for nobody may come in another order."""
    return sorted(BY_CHANCE.sub("…", line) for line in page.splitlines() if not line.startswith("body: "))


def test_the_page_shows_what_happens_and_all_ends_well(shop: Shop) -> None:
    assert what_is_said(told(shop)) == what_is_said(PAGE.read_text())
    assert present_violations(shop) == []
    assert len(shop.rows("shipments")) == 3
