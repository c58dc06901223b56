"""The commands' output fits 80 columns, and is never shortened in a pipe."""

import json
import re
from datetime import UTC, datetime

import pytest

from cli.core.exit_codes import ExitCode
from tests.workflow.command_line import orderbus
from tests.workflow.dead_letter_queues import a_failed_order, send
from tests.workflow.shop import PREFIX, Shop, an_order

SENTENCE = re.compile(r" to queue |^stays: |would be ")
"""Lines outside tables, which a terminal wraps."""


@pytest.fixture
def order(shop: Shop) -> str:
    """Return the id of a shipped order, in a stage with dead-lettered messages."""
    order_id = shop.place(an_order(), key="k0")
    shop.cloud.settle()
    a_failed_order(shop)
    send(shop, "inventory-levels-dlq", "what is this?")
    return order_id


def printed(monkeypatch: pytest.MonkeyPatch, columns: int | None, *words: str) -> list[str]:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", str(columns))
    code, out, err = orderbus(*words)
    assert code == ExitCode.OK, err
    assert "…" not in out
    return out.splitlines()


@pytest.mark.parametrize("columns", [60, 80, None])
def test_output_has_every_identifier_at_any_width(
    monkeypatch: pytest.MonkeyPatch, order: str, columns: int | None
) -> None:
    day = datetime.now(UTC).date().isoformat()
    groups = json.loads(orderbus("dlq", "ls", "--json")[1])["groups"]
    message = groups[0]["messages"][0]
    hops = [
        hop["name"].removeprefix(f"{PREFIX}-") for hop in json.loads(orderbus("status", "--json")[1])["hops"]
    ]
    tables = {
        ("status",): hops,
        ("dlq", "ls"): [group[name] for group in groups for name in ("consumer", "reason")],
        ("dlq", "redrive"): [group["messages"][0][:8] for group in groups],
        ("stock", "ls"): ["TEAPOT", "CUP"],
        ("orders", "ls", "--customer", "ada"): [order],
        ("views", "sales", day): ["TEAPOT"],
    }
    for words, identifiers in tables.items():
        lines = printed(monkeypatch, columns, *words)
        text = "\n".join(lines)
        assert [each for each in identifiers if each not in text] == [], words
        fits = [len(line) <= (columns or 10_000) for line in lines if not SENTENCE.search(line)]
        assert all(fits), text
    for words, identifier in (
        (("dlq", "show", message), message),
        (("trace", order), order),
        (("dlq", "log"), ""),
    ):
        assert identifier in "\n".join(printed(monkeypatch, columns, *words))


def test_status_is_one_table_at_80_columns(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.cloud.outputs
    lines = printed(monkeypatch, 80, "status")
    (row,) = [line for line in lines if line.startswith("payments-reconciliation ")]
    assert row.rstrip().endswith(" ok")


def test_list_in_a_pipe_has_one_line_per_row(monkeypatch: pytest.MonkeyPatch, order: str) -> None:
    listed = printed(monkeypatch, None, "orders", "ls", "--customer", "ada")
    (row,) = [line for line in listed if order in line]
    assert row.split()[1] == "shipped"
