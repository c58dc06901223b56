"""The example of the README and of docs/events.md becomes one order, on any date."""

import re
import shlex
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

import pytest

from cli.core.exit_codes import ExitCode
from cli.demo.deployment import seed
from cli.demo.sample_orders import PRICES
from infrastructure.names import Names
from pocketcloud.virtual_time.clock import START
from tests.workflow.command_line import orderbus
from tests.workflow.shop import Shop

ROOT = Path(__file__).parents[2]
DATES = [
    START,
    START + timedelta(days=200),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2030, 12, 31, 23, 59, 50, tzinfo=UTC),
    datetime(2031, 3, 30, 0, 59, 50, tzinfo=UTC),
]
"""In this order: the offline cloud's time never goes back."""
PAGES = [ROOT / "README.md", ROOT / "docs" / "events.md"]


def commands(page: Path) -> list[list[str]]:
    """Return the page's commands about events in a file."""
    typed = re.findall(
        r"^\.venv/bin/orderbus (events (?:validate|put) docs/.*?)(?: +#.*)?$", page.read_text(), re.MULTILINE
    )
    return [shlex.split(line) for line in typed]


@pytest.mark.parametrize("now", DATES, ids=lambda now: f"{now:%Y-%m-%d}")
def test_readme_example_becomes_one_order_on_any_date(
    shop: Shop, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    shop.cloud.clock.move_to(now)
    shop.cloud.reset()
    seed(shop.cloud, Names("dev"), PRICES, dict.fromkeys(PRICES, 2))
    for page in PAGES:
        assert [command[1] for command in commands(page)] == ["validate", "put"]
    for command in chain(*map(commands, PAGES)):  # the second page repeats the order
        code, out, _ = orderbus(*command)
        assert (code, out.splitlines()[0].endswith(" ok")) == (ExitCode.OK, True)
        shop.cloud.settle()
        shop.cloud.advance(minutes=1)
    assert [row["status"] for row in shop.orders()] == ["shipped"]
    assert shop.dead_letters("orders") == []
