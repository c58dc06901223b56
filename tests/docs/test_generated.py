"""The tables of the docs that come from the code are current."""

from pathlib import Path

import pytest

from tests.docs.generated import DOCS, TABLES, current, pages


@pytest.mark.parametrize("page", pages(), ids=lambda path: path.stem)
def test_generated_tables_are_current(page: Path) -> None:
    assert page.read_text() == current(page.read_text()), "run `make docs`"


def test_every_table_is_on_a_page() -> None:
    text = "".join(path.read_text() for path in DOCS.rglob("*.md"))
    assert [name for name in TABLES if f"<!-- table: {name} -->" not in text] == []


def test_setting_has_a_meaning() -> None:
    assert [row for row in TABLES["settings"]().splitlines() if row.endswith("|  |")] == []
